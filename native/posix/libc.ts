import type * as ffi from "bun:ffi";
import type { FFIFunction, Pointer } from "bun:ffi";
import { errnoName, FfiError, SystemError } from "../errno.ts";
import { isDarwin } from "../system.ts";

type Functions = Record<string, FFIFunction>;

// 32 bits are enough for every size here: no read or write exceeds a few MiB. A `cstring` is a string,
// which bun:ffi passes as UTF-8, or bytes that end in NUL.
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

// Linux only: on arm64, Apple passes the arguments of variadic functions (open, syscall) differently.
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
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
    ftruncate: { args: ["i32", "u64"], returns: "i32" },
    prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  }) as const satisfies Functions;

const coldOnDarwin = () =>
  ({
    sysctl: { args: ["ptr", "u32", "ptr", "ptr", "ptr", "u64"], returns: "i32" },
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
  if (isDarwin) return ["libSystem.B.dylib"];
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${arch}.so.1`, `/lib/ld-musl-${arch}.so.1`];
}

/** The functions below bun:ffi. startup: loading that module takes a tenth of an acquire. */
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
      // bun:ffi throws the error, the function below it returns it.
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

/** Where the C library keeps `errno` of this thread. */
let errnoMemory: Int32Array | undefined;

/** The functions that every command calls. Throws {@link FfiError} if they can't be loaded. */
export function libc(): HotLibc {
  return hotOpened ?? openHot();
}

function openHot(): HotLibc {
  const found = load<HotLibc>({ ...hotTable(), ...(isDarwin ? hotOnDarwin() : hotOnLinux()) });
  const address = (isDarwin ? found.__error() : found.__errno_location()) as Pointer;
  errnoMemory = new Int32Array(engine().toArrayBuffer(address, 0, 4));
  return (hotOpened = found);
}

/** The functions that few commands call. startup: each function that is loaded takes 8 µs. */
export function coldLibc(): ColdLibc {
  // errno is read through the others.
  libc();
  return (coldOpened ??= load<ColdLibc>({
    ...coldTable(),
    ...(isDarwin ? coldOnDarwin() : coldOnLinux()),
  }));
}

/** Whether libc can be called at all; `false` where the JIT is forbidden. */
export function hasLibc(): boolean {
  if (hotOpened !== undefined) return true;
  if (failure !== undefined) return false;
  try {
    return libc() !== undefined;
  } catch {
    return false;
  }
}

/**
 * `errno` of the call just made, which bun:ffi itself doesn't return. Read from memory and at once:
 * allocations and the compiler's threads make calls of their own, which may fail in turn.
 */
export function errno(): number {
  return errnoMemory?.[0] ?? 0;
}

/** The name of `errno` of the call just made: "ENOENT", for example. */
export function errnoCode(): string {
  return errnoName(errnoMemory?.[0] ?? 0);
}

/** Returns `result`; throws a SystemError if it is negative. */
export function checked(result: number, call: string, path?: string): number {
  if (result < 0) throw new SystemError(errnoCode(), call, path);
  return result;
}

/** The text itself, for a `cstring`; throws if it contains a NUL, which would cut a path short. */
export function whole(text: string): string {
  if (text.includes("\0")) throw new SystemError("EINVAL", "open", text.replaceAll("\0", "\\0"));
  return text;
}

/** The bytes of a C string: a text's or the given ones, followed by a NUL. */
export function cstring(word: string | Uint8Array): Uint8Array {
  const bytes = typeof word === "string" ? new TextEncoder().encode(whole(word)) : word;
  const copy = new Uint8Array(bytes.length + 1);
  copy.set(bytes);
  return copy;
}

/** A NULL-terminated array of pointers to C strings. Keep the result for as long as it is used. */
export function cstringArray(words: readonly (string | Uint8Array)[]): {
  pointers: BigUint64Array;
  strings: Uint8Array[];
} {
  const strings = words.map(cstring);
  const pointers = BigUint64Array.from([
    ...strings.map((bytes) => BigInt(engine().ptr(bytes))),
    0n,
  ]);
  return { pointers, strings };
}

/** The string that a field of a C struct points to; `undefined` if either pointer is NULL. */
export function stringField(struct: number | null, offset: number): string | undefined {
  if (!struct) return undefined;
  const { CString, read } = engine();
  const field = read.ptr(struct as Pointer, offset);
  return field ? new CString(field as Pointer).toString() : undefined;
}
