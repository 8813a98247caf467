import { SystemError } from "../errno.ts";

/** Milliseconds for which what a program printed is used again: one run serves a whole operation. */
const FRESH = 200;

/** The same function, which works its value out anew only once the last one is no longer fresh. */
export function cached<T>(read: () => T): () => T {
  let value: T | undefined;
  let until = 0;
  return () => {
    if (value !== undefined && performance.now() < until) return value;
    value = read();
    until = performance.now() + FRESH;
    return value;
  };
}

/**
 * Runs one of the system's programs in the C locale and in UTC, and returns what it printed. Throws a
 * SystemError if it fails: lsof(8) also exits with 1 where it finds nothing, but then prints no error.
 */
export function run(command: string[]): string {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { env, stdin: "ignore" });
  const problem = stderr.toString().trim();
  if (exitCode === 0 || problem === "") return stdout.toString();
  throw new SystemError("EIO", `run ${command[0]}`, problem.split("\n")[0]);
}
