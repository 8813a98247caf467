import { SystemError, unless } from "../errno.ts";
import { files } from "../files.ts";
import { errnoCode, libc } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** A held lock. Disposing it releases it; so does the kernel when the process exits. */
export interface Lock extends Disposable {
  readonly path: string;
}

/** Whether the path still refers to the open file. It doesn't once the file has been replaced. */
function isCurrent(descriptor: number, path: string): boolean {
  const open = files().statOpen(descriptor);
  if (open.kind !== "file") throw new SystemError("EFTYPE", "flock", path);
  const named = unless(["ENOENT"], () => files().stat(path));
  return open.links > 0 && open.id === named?.id;
}

/**
 * Locks a file with `flock(2)` without waiting, creating it if missing; `undefined` if another process
 * holds the lock. Throws a SystemError: ELOOP for a symlink, EFTYPE for anything else that isn't a
 * regular file, ENOLCK or ENOSYS if the file system doesn't support locks.
 */
export function tryLock(path: string): Lock | undefined {
  return lock(path, LOCK_EX | LOCK_NB, () => false);
}

/** Like {@link tryLock}, but blocks until `isOver` returns true after a signal. */
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
      // If left open, the descriptor could hold the lock until the process exits.
      if (taken === undefined) files().close(descriptor);
    }
  }
}

/** Locks an open file. Returns the error's name on failure: EINTR only once `isOver` is true. */
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
