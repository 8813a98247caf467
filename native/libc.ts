import type * as ffi from "bun:ffi";
import type { FFIFunction, Pointer } from "bun:ffi";
import { errnoName, FfiError, SystemError } from "./errno.ts";

// What bun:ffi stands on; loading that module itself costs a tenth of an `acquire`.
const { CString, dlopen, ptr, read } =
  (Bun as { FFI?: typeof ffi }).FFI ?? (require("bun:ffi") as typeof ffi);

const darwin = process.platform === "darwin";

// A size fits in 32 bits everywhere here: no read or write is larger than a few MiB.
const COMMON = {
  flock: { args: ["i32", "i32"], returns: "i32" },
  kill: { args: ["i32", "i32"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  write: { args: ["i32", "ptr", "u64"], returns: "i32" },
  isatty: { args: ["i32"], returns: "i32" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  usleep: { args: ["u32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  signal: { args: ["i32", "ptr"], returns: "ptr" },
  getpwuid: { args: ["u32"], returns: "ptr" },
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

// Variadic functions (open, syscall) can't be called this way on Apple's arm64: Linux only.
const LINUX = {
  __errno_location: { args: [], returns: "ptr" },
  open: { args: ["ptr", "i32", "i32"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: "i32" },
  fsync: { args: ["i32"], returns: "i32" },
  rename: { args: ["ptr", "ptr"], returns: "i32" },
  unlink: { args: ["ptr"], returns: "i32" },
  mkdir: { args: ["ptr", "i32"], returns: "i32" },
  chmod: { args: ["ptr", "i32"], returns: "i32" },
  prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  readlink: { args: ["ptr", "ptr", "u64"], returns: "i32" },
  statfs: { args: ["ptr", "ptr"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "i32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
  syscall: { args: ["i64", "i64", "ptr", "i64", "i64", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

const DARWIN = {
  __error: { args: [], returns: "ptr" },
  sysctlbyname: { args: ["ptr", "ptr", "ptr", "ptr", "u64"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

type Argument = number | bigint | Uint8Array | BigInt64Array | BigUint64Array | null;
type Symbols = typeof COMMON & typeof LINUX & typeof DARWIN;
export type Libc = { [name in keyof Symbols]: (...args: Argument[]) => number };

function candidates(): string[] {
  if (darwin) return ["libSystem.B.dylib"];
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${arch}.so.1`, `/lib/ld-musl-${arch}.so.1`];
}

let loaded: Libc | FfiError | undefined;

function load(): Libc | FfiError {
  let reason: unknown;
  for (const name of candidates()) {
    try {
      const opened = dlopen(name, { ...COMMON, ...(darwin ? DARWIN : LINUX) });
      // bun:ffi throws it, what it stands on returns it.
      if (opened instanceof Error) throw opened;
      return opened.symbols as unknown as Libc;
    } catch (error) {
      reason = error;
    }
  }
  return new FfiError(reason instanceof Error ? reason.message : String(reason));
}

/** The C library. Throws {@link FfiError} where bun:ffi can't load it. */
export function libc(): Libc {
  loaded ??= load();
  if (loaded instanceof FfiError) throw loaded;
  return loaded;
}

/** Whether libc can be called at all; `false` where the JIT is forbidden. */
export function hasLibc(): boolean {
  loaded ??= load();
  return !(loaded instanceof FfiError);
}

/** `errno` of the call just made: nothing may run in between (measured, bun:ffi has no API). */
export function errno(): number {
  const where = darwin ? libc().__error() : libc().__errno_location();
  return read.i32(where as Pointer, 0);
}

/** The name of `errno` of the call just made, `ENOENT` say. */
export function errnoCode(): string {
  return errnoName(errno());
}

/** `result`, or the SystemError that a negative one stands for. */
export function checked(result: number, call: string, path?: string): number {
  if (result < 0) throw new SystemError(errnoCode(), call, path);
  return result;
}

const encoder = new TextEncoder();

/** A NUL-terminated copy of `text`. A NUL inside would cut a path short, so it is refused. */
export function cstring(text: string): Uint8Array {
  if (text.includes("\0")) throw new SystemError("EINVAL", "open", text.replaceAll("\0", "\\0"));
  return encoder.encode(`${text}\0`);
}

/** A NULL-terminated array of pointers to strings; `strings` must be kept while it is used. */
export function cstringArray(strings: readonly Uint8Array[]): BigUint64Array {
  return BigUint64Array.from([...strings.map((bytes) => BigInt(ptr(bytes))), 0n]);
}

/** The string that a field of a C struct points to; `undefined` for a NULL of either. */
export function stringField(struct: number | null, offset: number): string | undefined {
  if (!struct) return undefined;
  const field = read.ptr(struct as Pointer, offset);
  return field ? new CString(field as Pointer).toString() : undefined;
}
