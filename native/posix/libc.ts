import type * as ffi from "bun:ffi";
import type { FFIFunction, Pointer } from "bun:ffi";
import { errnoName, FfiError, SystemError } from "../errno.ts";

const darwin = process.platform === "darwin";

type Functions = Record<string, FFIFunction>;

// Sizes are 32-bit, as no read or write exceeds a few MiB. A `cstring` takes a string, which bun:ffi
// passes as UTF-8, or NUL-terminated bytes.
const hotTable = () =>
  ({
    flock: { args: ["i32", "i32"], returns: "i32" },
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
    isatty: { args: ["i32"], returns: "i32" },
    strlen: { args: ["cstring"], returns: "i32" },
    write: { args: ["i32", "cstring", "u64"], returns: "i32" },
    clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  }) as const satisfies Functions;

// Linux only: bun:ffi can't call variadic functions (open, syscall) on Apple's arm64.
const hotOnLinux = () =>
  ({
    __errno_location: { args: [], returns: "ptr" },
    open: { args: ["cstring", "i32", "i32"], returns: "i32" },
    read: { args: ["i32", "ptr", "u64"], returns: "i32" },
    fsync: { args: ["i32"], returns: "i32" },
    rename: { args: ["cstring", "cstring"], returns: "i32" },
    unlink: { args: ["cstring"], returns: "i32" },
    readlink: { args: ["cstring", "ptr", "u64"], returns: "i32" },
    statfs: { args: ["cstring", "ptr"], returns: "i32" },
    syscall: { args: ["i64", "i64", "cstring", "i64", "i64", "ptr"], returns: "i32" },
  }) as const satisfies Functions;

const hotOnDarwin = () =>
  ({
    __error: { args: [], returns: "ptr" },
  }) as const satisfies Functions;

const coldTable = () =>
  ({
    poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
    usleep: { args: ["u32"], returns: "i32" },
    signal: { args: ["i32", "ptr"], returns: "ptr" },
    getpwuid: { args: ["u32"], returns: "ptr" },
    execve: { args: ["cstring", "ptr", "ptr"], returns: "i32" },
  }) as const satisfies Functions;

const coldOnLinux = () =>
  ({
    mkdir: { args: ["cstring", "i32"], returns: "i32" },
    chmod: { args: ["cstring", "i32"], returns: "i32" },
    ftruncate: { args: ["i32", "u64"], returns: "i32" },
    prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  }) as const satisfies Functions;

const coldOnDarwin = () =>
  ({
    sysctlbyname: { args: ["cstring", "ptr", "ptr", "ptr", "u64"], returns: "i32" },
  }) as const satisfies Functions;

type Argument = number | bigint | string | Uint8Array | Uint32Array | BigUint64Array | null;
type Names<Table extends () => Functions> = keyof ReturnType<Table>;
export type Callable<Name extends PropertyKey> = Record<Name, (...args: Argument[]) => number>;
export type HotLibc = Callable<
  Names<typeof hotTable> | Names<typeof hotOnLinux> | Names<typeof hotOnDarwin>
>;
type ColdLibc = Callable<
  Names<typeof coldTable> | Names<typeof coldOnLinux> | Names<typeof coldOnDarwin>
>;

function candidates(): string[] {
  if (darwin) return ["libSystem.B.dylib"];
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${arch}.so.1`, `/lib/ld-musl-${arch}.so.1`];
}

/** The engine's API below bun:ffi. startup: loading bun:ffi itself takes a tenth of an `acquire`. */
function engine(): typeof ffi {
  return (
    (Bun as { FFI?: typeof ffi }).FFI ??
    (process.getBuiltinModule("bun:ffi") as unknown as typeof ffi)
  );
}

/** Loads functions of the C library. Throws {@link FfiError} if that fails. */
export function load<Table>(table: Functions): Table {
  if (failure !== undefined) throw failure;
  let reason: unknown;
  for (const name of candidates()) {
    try {
      const library = engine().dlopen(name, table);
      // bun:ffi throws the error; the API below it returns the error.
      if (library instanceof Error) throw library;
      return library.symbols as Table;
    } catch (error) {
      reason = error;
    }
  }
  failure = new FfiError(reason instanceof Error ? reason.message : String(reason));
  throw failure;
}

let hotOpened: HotLibc | undefined;
let coldOpened: ColdLibc | undefined;
let failure: FfiError | undefined;

/** The C functions that every command calls. Throws {@link FfiError} if they can't be loaded. */
export function libc(): HotLibc {
  return (hotOpened ??= load<HotLibc>({
    ...hotTable(),
    ...(darwin ? hotOnDarwin() : hotOnLinux()),
  }));
}

/** Functions that are rarely called. startup: loading a function costs 8 µs. */
export function coldLibc(): ColdLibc {
  return (coldOpened ??= load<ColdLibc>({
    ...coldTable(),
    ...(darwin ? coldOnDarwin() : coldOnLinux()),
  }));
}

/** Whether libc can be called; `false` where the JIT is disabled. */
export function hasLibc(): boolean {
  if (hotOpened !== undefined) return true;
  if (failure !== undefined) return false;
  try {
    return libc() !== undefined;
  } catch {
    return false;
  }
}

/** `errno` of the last call. Read it right after the call (measured; bun:ffi has no API for it). */
export function errno(): number {
  const where = darwin ? libc().__error() : libc().__errno_location();
  return engine().read.i32(where as Pointer, 0);
}

/** The name of the last call's `errno`, such as `ENOENT`. */
export function errnoCode(): string {
  return errnoName(errno());
}

/** Returns `result`; throws a SystemError if it is negative. */
export function checked(result: number, call: string, path?: string): number {
  if (result < 0) throw new SystemError(errnoCode(), call, path);
  return result;
}

/** Returns a text for use as a `cstring`. Refuses one with a NUL, which would truncate a path. */
export function whole(text: string): string {
  if (text.includes("\0")) throw new SystemError("EINVAL", "open", text.replaceAll("\0", "\\0"));
  return text;
}

/** The address of a buffer, for a function that writes at an offset into it. */
export function addressOf(bytes: Uint8Array): number {
  return engine().ptr(bytes);
}

/** A NULL-terminated array of C strings. Keep the returned object referenced while C uses the array. */
export function cstringArray(texts: readonly string[]): {
  pointers: BigUint64Array;
  strings: Uint8Array[];
} {
  const encoder = new TextEncoder();
  const strings = texts.map((text) => encoder.encode(`${whole(text)}\0`));
  const pointers = BigUint64Array.from([
    ...strings.map((bytes) => BigInt(engine().ptr(bytes))),
    0n,
  ]);
  return { pointers, strings };
}

/** The string that a field of a C struct points to; `undefined` if the struct or the field is NULL. */
export function stringField(struct: number | null, offset: number): string | undefined {
  if (!struct) return undefined;
  const { CString, read } = engine();
  const field = read.ptr(struct as Pointer, offset);
  return field ? new CString(field as Pointer).toString() : undefined;
}
