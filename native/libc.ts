import type * as ffi from "bun:ffi";
import type { FFIFunction, Pointer } from "bun:ffi";
import { errnoName, FfiError, SystemError } from "./errno.ts";

// What bun:ffi stands on; loading that module itself costs a tenth of an `acquire`.
const { CString, dlopen, ptr, read } =
  (Bun as { FFI?: typeof ffi }).FFI ?? (require("bun:ffi") as typeof ffi);

const darwin = process.platform === "darwin";

// A size fits in 32 bits everywhere here: no read or write is larger than a few MiB. A `cstring`
// takes a string, which bun:ffi hands over as UTF-8, or bytes that end in NUL.
const USUAL = {
  flock: { args: ["i32", "i32"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  isatty: { args: ["i32"], returns: "i32" },
  write: { args: ["i32", "cstring", "u64"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

// Variadic functions (open, syscall) can't be called this way on Apple's arm64: Linux only.
const USUAL_ON_LINUX = {
  __errno_location: { args: [], returns: "ptr" },
  open: { args: ["cstring", "i32", "i32"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: "i32" },
  fsync: { args: ["i32"], returns: "i32" },
  rename: { args: ["cstring", "cstring"], returns: "i32" },
  unlink: { args: ["cstring"], returns: "i32" },
  readlink: { args: ["cstring", "ptr", "u64"], returns: "i32" },
  statfs: { args: ["cstring", "ptr"], returns: "i32" },
  syscall: { args: ["i64", "i64", "cstring", "i64", "i64", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

const USUAL_ON_DARWIN = {
  __error: { args: [], returns: "ptr" },
} as const satisfies Record<string, FFIFunction>;

const SELDOM = {
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  usleep: { args: ["u32"], returns: "i32" },
  signal: { args: ["i32", "ptr"], returns: "ptr" },
  getpwuid: { args: ["u32"], returns: "ptr" },
  execve: { args: ["cstring", "ptr", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

const SELDOM_ON_LINUX = {
  abs: { args: ["i32"], returns: "i32" },
  setitimer: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  siginterrupt: { args: ["i32", "i32"], returns: "i32" },
  sigprocmask: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  mkdir: { args: ["cstring", "i32"], returns: "i32" },
  chmod: { args: ["cstring", "i32"], returns: "i32" },
  prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

const SELDOM_ON_DARWIN = {
  sysctlbyname: { args: ["cstring", "ptr", "ptr", "ptr", "u64"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

type Argument = number | bigint | string | Uint8Array | Uint32Array | BigUint64Array | null;
type Callable<Table> = { [name in keyof Table]: (...args: Argument[]) => number };
export type Libc = Callable<typeof USUAL & typeof USUAL_ON_LINUX & typeof USUAL_ON_DARWIN>;
type Seldom = Callable<typeof SELDOM & typeof SELDOM_ON_LINUX & typeof SELDOM_ON_DARWIN>;

function candidates(): string[] {
  if (darwin) return ["libSystem.B.dylib"];
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${arch}.so.1`, `/lib/ld-musl-${arch}.so.1`];
}

function open(table: Record<string, FFIFunction>): object | FfiError {
  let reason: unknown;
  for (const name of candidates()) {
    try {
      const opened = dlopen(name, table);
      // bun:ffi throws it, what it stands on returns it.
      if (opened instanceof Error) throw opened;
      return opened.symbols;
    } catch (error) {
      reason = error;
    }
  }
  return new FfiError(reason instanceof Error ? reason.message : String(reason));
}

let usual: object | undefined;
let seldomUsed: object | undefined;

/** The C library, as far as every command calls it. Throws {@link FfiError} where it can't be loaded. */
export function libc(): Libc {
  usual ??= open({ ...USUAL, ...(darwin ? USUAL_ON_DARWIN : USUAL_ON_LINUX) });
  if (usual instanceof FfiError) throw usual;
  return usual as Libc;
}

/** What else of it is called now and then: each function that is loaded costs a start 8 µs. */
export function seldom(): Seldom {
  seldomUsed ??= open({ ...SELDOM, ...(darwin ? SELDOM_ON_DARWIN : SELDOM_ON_LINUX) });
  if (seldomUsed instanceof FfiError) throw seldomUsed;
  return seldomUsed as Seldom;
}

/** Whether libc can be called at all; `false` where the JIT is forbidden. */
export function hasLibc(): boolean {
  usual ??= open({ ...USUAL, ...(darwin ? USUAL_ON_DARWIN : USUAL_ON_LINUX) });
  return !(usual instanceof FfiError);
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

/** The text itself, for a `cstring`. A NUL inside would cut a path short, so it is refused. */
export function whole(text: string): string {
  if (text.includes("\0")) throw new SystemError("EINVAL", "open", text.replaceAll("\0", "\\0"));
  return text;
}

/** A NULL-terminated array of pointers to strings; what it returns must be kept while it is used. */
export function cstringArray(texts: readonly string[]): {
  pointers: BigUint64Array;
  strings: Uint8Array[];
} {
  const encoder = new TextEncoder();
  const strings = texts.map((text) => encoder.encode(`${whole(text)}\0`));
  const pointers = BigUint64Array.from([...strings.map((bytes) => BigInt(ptr(bytes))), 0n]);
  return { pointers, strings };
}

/** The string that a field of a C struct points to; `undefined` for a NULL of either. */
export function stringField(struct: number | null, offset: number): string | undefined {
  if (!struct) return undefined;
  const field = read.ptr(struct as Pointer, offset);
  return field ? new CString(field as Pointer).toString() : undefined;
}
