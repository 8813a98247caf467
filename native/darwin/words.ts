import { coldLibc, hasLibc } from "../posix/libc.ts";
import type { Words } from "../types.ts";

const CTL_KERN = 1;
const KERN_PROCARGS2 = 49;
/** ARG_MAX: the most bytes that arguments and environment may have together. */
const MAX_SIZE = 1024 * 1024;
const NOTHING: Words = { arguments: [], environment: [] };

/**
 * What a process was started with, by KERN_PROCARGS2 of sysctl(3). Nothing where that is forbidden: for
 * processes of other users and programs that System Integrity Protection covers.
 */
export function readWords(pid: number): Words {
  if (!hasLibc()) return NOTHING;
  const { sysctl } = coldLibc();
  // Tests run this on Linux, whose libc has no such function.
  if (sysctl === undefined) return NOTHING;
  const name = Uint32Array.of(CTL_KERN, KERN_PROCARGS2, pid);
  const bytes = new Uint8Array(MAX_SIZE);
  const size = BigUint64Array.of(BigInt(bytes.length));
  if (sysctl(name, name.length, bytes, size, null, 0) !== 0) return NOTHING;
  return parseWords(bytes.subarray(0, Number(size[0])));
}

/** Reads KERN_PROCARGS2: the number of arguments, the program's path, padding, arguments, variables. */
export function parseWords(bytes: Uint8Array): Words {
  if (bytes.length < 4) return NOTHING;
  const count = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  let at = 4;
  const next = () => {
    const end = bytes.indexOf(0, at);
    const word = bytes.subarray(at, end < 0 ? bytes.length : end);
    at = end < 0 ? bytes.length : end + 1;
    return word;
  };
  next();
  while (bytes[at] === 0) at++;
  const words: Words = { arguments: [], environment: [] };
  for (let i = 0; i < count; i++) words.arguments.push(next());
  // An empty string ends the variables; what follows is the kernel's own.
  for (let one = next(); one.length > 0; one = next()) words.environment.push(one);
  return words;
}

/** The environment that a process started with, as NAME=value; empty where it may not be read. */
export function readEnvironment(pid: number): string[] {
  return readWords(pid).environment.map((one) => new TextDecoder().decode(one));
}
