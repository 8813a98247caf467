import { isDarwin } from "./system.ts";

/** The most frequent error; its number is the same everywhere. */
export const ENOENT = 2;

/** EPERM, ENOENT, ESRCH, EACCES and ENOTDIR: the same numbers everywhere. */
const INVISIBLE = [1, ENOENT, 3, 13, 20];

/** Whether an error number says that something doesn't exist or may not be seen. */
export const isInvisible = (errno: number): boolean => INVISIBLE.includes(errno);

/** Error numbers of errno(3) by name: on Linux, on macOS. */
const numbers = () => ({
  EPERM: [1, 1],
  ENOENT: [ENOENT, ENOENT],
  ESRCH: [3, 3],
  EINTR: [4, 4],
  EIO: [5, 5],
  ENXIO: [6, 6],
  ENOEXEC: [8, 8],
  EAGAIN: [11, 35],
  ENOMEM: [12, 12],
  EACCES: [13, 13],
  EEXIST: [17, 17],
  ENODEV: [19, 19],
  ENOTDIR: [20, 20],
  EISDIR: [21, 21],
  EINVAL: [22, 22],
  ENFILE: [23, 23],
  EMFILE: [24, 24],
  ENOSPC: [28, 28],
  EROFS: [30, 30],
  EPIPE: [32, 32],
  ENAMETOOLONG: [36, 63],
  ENOLCK: [37, 77],
  ENOSYS: [38, 78],
  ENOTEMPTY: [39, 66],
  ELOOP: [40, 62],
  ENOTSUP: [95, 45],
  EAFNOSUPPORT: [97, 47],
  EADDRINUSE: [98, 48],
  EADDRNOTAVAIL: [99, 49],
  ESTALE: [116, 70],
  EDQUOT: [122, 69],
});

export type ErrnoName = keyof ReturnType<typeof numbers>;

/** The name of an error number, or `errno N` if it isn't in the table. */
export function errnoName(errno: number): string {
  const table: Record<string, number[]> = numbers();
  for (const name in table) if (table[name]?.[isDarwin ? 1 : 0] === errno) return name;
  return `errno ${errno}`;
}

/** Words for errors that libuv describes differently from strerror(3), or not at all. */
const WORDS: Record<string, string> = {
  EDQUOT: "disk quota exceeded",
  EFTYPE: "not a regular file",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ELOOP: "is a symbolic link",
  ENFILE: "too many open files in system",
  ENOEXEC: "not an executable",
  ENOLCK: "the file system can't lock files",
  ENOTSUP: "the file system can't lock files",
};

/** What an error means, in the operating system's words: EACCES → "permission denied". */
export function errnoMessage(code: string): string {
  // startup: loaded only once something has failed.
  const { getSystemErrorMap } = process.getBuiltinModule("node:util");
  return WORDS[code] ?? new Map(getSystemErrorMap().values()).get(code) ?? code;
}

/** Verbs for system calls whose names aren't plain verbs. */
const VERBS: Record<string, string> = {
  append: "write to",
  chmod: "change the mode of",
  flock: "lock",
  fsync: "write",
  ftruncate: "write",
  mkdir: "create directory",
  readdir: "read directory",
  readlink: "read link",
  rename: "replace",
  socket: "open a socket",
  stat: "access",
  unlink: "remove",
};

/** "cannot create directory /srv/x: permission denied" */
export function describeFailure(call: string, path: string | undefined, code: string): string {
  const what = VERBS[call] ?? call;
  return `cannot ${path === undefined ? what : `${what} ${path}`}: ${errnoMessage(code)}`;
}

/** A failed system call, with errno's name as its code and the path that it was about. */
export class SystemError extends Error {
  override name = "SystemError";
  constructor(
    readonly code: string,
    readonly call: string,
    readonly path?: string,
  ) {
    super(`${call}${path === undefined ? "" : ` ${path}`}: ${code}`);
  }
}

/** bun:ffi can't be used here (no JIT, no libc): claims can be read but not changed. */
export class FfiError extends Error {
  override name = "FfiError";
  readonly code = "E_FFI";
}

/** Runs `action`; returns `undefined` for the errors named and throws every other error. */
export function unless<T>(codes: readonly string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (codes.includes((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}
