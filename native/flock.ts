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
  const named = unless(["ENOENT"], () => files().stat(path));
  return open.links > 0 && open.id === named?.id;
}

function openRegular(path: string): number {
  const descriptor = files().open(path);
  return orClose(descriptor, () => {
    if (files().statOpen(descriptor).kind === "file") return descriptor;
    throw new SystemError("ENOTSUP", "flock", path);
  });
}

/** A descriptor that is left open may be a lock that nobody can let go. */
function orClose<T>(descriptor: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    files().close(descriptor);
    throw error;
  }
}

/**
 * Takes `flock(2)` on a file, creating it if missing, without ever waiting. `undefined` means that
 * somebody else holds it. Throws a SystemError: ELOOP for a symlink, ENOTSUP for anything else that
 * is no regular file, ENOLCK or ENOSYS where the file system can't lock.
 */
export function tryLock(path: string): Lock | undefined {
  for (;;) {
    const descriptor = openRegular(path);
    let code = "";
    do {
      code = libc().flock(descriptor, LOCK_EX | LOCK_NB) === 0 ? "" : errnoCode();
    } while (code === "EINTR");
    if (code === "" && orClose(descriptor, () => isCurrent(descriptor, path))) {
      return held(descriptor, path);
    }
    files().close(descriptor);
    if (code === "EAGAIN") return undefined;
    if (code !== "") throw new SystemError(code, "flock", path);
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
    locks.find((lock) => lock[5] === file) ?? locks.find((lock) => lock[5]?.endsWith(`:${inode}`));
  return Number(found?.[4]) || undefined;
}
