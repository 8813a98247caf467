import { coldLibc, hasLibc } from "../posix/libc.ts";

const CTL_KERN = 1;
const KERN_PROCARGS2 = 49;
/** ARG_MAX: the most bytes that arguments and environment may have together. */
const LARGEST = 1024 * 1024;

/**
 * The environment that a process started with, by KERN_PROCARGS2 of sysctl(3). Empty where it may not
 * be read: of other users, and of programs that System Integrity Protection covers.
 */
export function readEnvironment(pid: number): string[] {
  if (!hasLibc()) return [];
  const { sysctl } = coldLibc();
  // Tests run this on Linux, whose libc has none.
  if (sysctl === undefined) return [];
  const name = Uint32Array.of(CTL_KERN, KERN_PROCARGS2, pid);
  const bytes = new Uint8Array(LARGEST);
  const size = BigUint64Array.of(BigInt(bytes.length));
  if (sysctl(name, name.length, bytes, size, null, 0) !== 0) return [];
  return parseEnvironment(bytes.subarray(0, Number(size[0])));
}

/** Reads KERN_PROCARGS2: the number of arguments, the program's path, padding, arguments, variables. */
export function parseEnvironment(bytes: Uint8Array): string[] {
  if (bytes.length < 4) return [];
  const count = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  let at = 4;
  const next = () => {
    const end = bytes.indexOf(0, at);
    const text = new TextDecoder().decode(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
    return text;
  };
  next();
  while (bytes[at] === 0) at++;
  for (let i = 0; i < count; i++) next();
  const variables: string[] = [];
  // An empty string ends them; what follows is the kernel's own.
  for (let one = next(); one !== ""; one = next()) variables.push(one);
  return variables;
}
