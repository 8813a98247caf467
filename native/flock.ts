import { withAlarm } from "./alarm.ts";
import { SystemError, unless } from "./errno.ts";
import { files } from "./files.ts";
import { errnoCode, libc } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** A held lock; dispose of it to let go. The kernel lets go too when the process ends. */
export interface Lock extends Disposable {
  readonly path: string;
}

/** Whether the open file is still what the path names: somebody may have replaced it. */
function isCurrent(descriptor: number, path: string): boolean {
  const open = files().statOpen(descriptor);
  if (open.kind !== "file") throw new SystemError("ENOTSUP", "flock", path);
  const named = unless(["ENOENT"], () => files().stat(path));
  return open.links > 0 && open.id === named?.id;
}

/**
 * Takes `flock(2)` on a file, creating it if missing, without ever waiting. `undefined` means that
 * somebody else holds it. Throws a SystemError: ELOOP for a symlink, ENOTSUP for anything else that
 * is no regular file, ENOLCK or ENOSYS where the file system can't lock.
 */
export function tryLock(path: string): Lock | undefined {
  return lock(path, LOCK_EX | LOCK_NB, () => false);
}

/**
 * The same, but waits in the kernel, which hands the lock on at once and in turn. "late" if it is
 * still held after so many milliseconds; `undefined` if this process can't wait in that way.
 */
export function lockWithin(path: string, milliseconds: number): Lock | "late" | undefined {
  if (process.platform !== "linux") return undefined;
  return withAlarm(milliseconds, (isOver) => lock(path, LOCK_EX, isOver) ?? "late");
}

function lock(path: string, operation: number, isOver: () => boolean): Lock | undefined {
  for (;;) {
    const descriptor = files().open(path);
    let taken: Lock | undefined;
    try {
      const code = flock(descriptor, operation, isOver);
      if (code === "EAGAIN" || code === "EINTR") return undefined;
      if (code !== undefined) throw new SystemError(code, "flock", path);
      if (isCurrent(descriptor, path)) return (taken = held(descriptor, path));
    } finally {
      // A descriptor that is left open may be a lock that nobody can let go.
      if (taken === undefined) files().close(descriptor);
    }
  }
}

/** Locks an open file; the name of the error if it can't, EINTR only once the time is over. */
function flock(descriptor: number, operation: number, isOver: () => boolean): string | undefined {
  for (;;) {
    if (libc().flock(descriptor, operation) === 0) return undefined;
    const code = errnoCode();
    if (code !== "EINTR" || isOver()) return code;
  }
}

function held(descriptor: number, path: string): Lock {
  return {
    path,
    [Symbol.dispose]() {
      libc().flock(descriptor, LOCK_UN);
      files().close(descriptor);
    },
  };
}

const hex = (number: string | undefined) => Number(number).toString(16).padStart(2, "0");

/** The pid that holds the lock, from /proc/locks; `undefined` where nothing tells. */
export function lockHolder(path: string): number | undefined {
  const id = unless(["ENOENT", "EACCES"], () => files().stat(path))?.id;
  const table = unless(["ENOENT", "EACCES"], () => files().read("/proc/locks", 65_536));
  const [major, minor, inode] = id?.split(":") ?? [];
  if (inode === undefined) return undefined;
  const locks = (table ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, kind]) => kind === "FLOCK");
  const file = `${hex(major)}:${hex(minor)}:${inode}`;
  // btrfs and overlayfs show another device there than stat(2) does.
  const found =
    locks.find((one) => one[5] === file) ?? locks.find((one) => one[5]?.endsWith(`:${inode}`));
  return Number(found?.[4]) || undefined;
}
