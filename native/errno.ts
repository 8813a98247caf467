/** The most common error, with the same number on every platform. */
export const ENOENT = 2;

/** Error numbers by name, from `errno(3)` and each platform's headers. */
const linux = () => ({
  EPERM: 1,
  ENOENT,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  ENOEXEC: 8,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENOTSUP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ESTALE: 116,
  EDQUOT: 122,
});

export type ErrnoName = keyof ReturnType<typeof linux>;

const darwin = (): Record<ErrnoName, number> => ({
  EPERM: 1,
  ENOENT,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  ENOEXEC: 8,
  EAGAIN: 35,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 63,
  ENOLCK: 77,
  ENOSYS: 78,
  ENOTEMPTY: 66,
  ELOOP: 62,
  ENOTSUP: 45,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ESTALE: 70,
  EDQUOT: 69,
});

const numbers = process.platform === "darwin" ? darwin : linux;

/** The name of an error number, or `errno N` if it isn't listed here. */
export function errnoName(errno: number): string {
  const table: Record<string, number> = numbers();
  for (const name in table) if (table[name] === errno) return name;
  return `errno ${errno}`;
}

/** Errors for which libuv has no message, or one that differs from strerror(3). */
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

/** The operating system's message for an error: EACCES → "permission denied". */
export function errnoMessage(code: string): string {
  // startup: loaded only once something has failed.
  const { getSystemErrorMap } = process.getBuiltinModule("node:util");
  return WORDS[code] ?? new Map(getSystemErrorMap().values()).get(code) ?? code;
}

/** A failed system call: its name, the path and the name of errno. */
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

/** bun:ffi is unavailable (no JIT, no libc): claims can be read but not changed. */
export class FfiError extends Error {
  override name = "FfiError";
  readonly code = "E_FFI";
}

/** Runs `action`. Returns `undefined` if it fails with one of these codes; throws any other error. */
export function unless<T>(codes: readonly string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (codes.includes((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}
