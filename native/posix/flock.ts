import { SystemError, unless } from "../errno.ts";
import { files } from "../files.ts";
import { errnoCode, libc } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** A held lock. Disposing of it releases it; the kernel also does so when the process exits. */
export interface Lock extends Disposable {
  readonly path: string;
}

/** Whether the path still names the open file: another process may have replaced it. */
function isCurrent(descriptor: number, path: string): boolean {
  const open = files().statOpen(descriptor);
  if (open.kind !== "file") throw new SystemError("EFTYPE", "flock", path);
  const named = unless(["ENOENT"], () => files().stat(path));
  return open.links > 0 && open.id === named?.id;
}

/**
 * Takes `flock(2)` on a file, creating it if missing, without waiting; `undefined` if another process
 * holds it. Throws a SystemError: ELOOP for a symlink, EFTYPE for anything else that is no regular
 * file, ENOLCK or ENOSYS where the file system can't lock.
 */
export function tryLock(path: string): Lock | undefined {
  return lock(path, LOCK_EX | LOCK_NB, () => false);
}

/** The same, but waits in the kernel until a signal arrives and `isOver` returns true. */
export function waitForFlock(path: string, isOver: () => boolean): Lock | undefined {
  return lock(path, LOCK_EX, isOver);
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
      // A descriptor left open could be a lock that is never released.
      if (taken === undefined) files().close(descriptor);
    }
  }
}

/** Locks an open file; returns the error's name if it fails, EINTR only once the time is over. */
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
