import { SystemError } from "../errno.ts";

/** Milliseconds for which a program's output is reused, so that one run serves a whole operation. */
const FRESH = 200;

/** The same function, but it returns its last value while that is fresh. */
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
 * Runs one of the system's programs in the C locale and in UTC; returns its output and its pid. Throws a
 * SystemError if it fails. lsof(8) also exits with 1 if it finds nothing, but then prints no error.
 */
export function run(command: string[]): { pid: number; text: string } {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const { pid, exitCode, stdout, stderr } = start(command, env);
  const problem = stderr.toString().trim();
  if (exitCode === 0 || problem === "") return { pid, text: stdout.toString() };
  throw failed(command, problem);
}

function start(command: string[], env: Record<string, string | undefined>) {
  try {
    return Bun.spawnSync(command, { env, stdin: "ignore" });
  } catch (error) {
    throw new SystemError((error as { code?: string }).code ?? "EIO", `run ${command[0]}`);
  }
}

/** The error of a program that ran and failed. */
export function failed(command: string[], problem: string): SystemError {
  return new SystemError("EIO", `run ${command[0]}`, problem.split("\n")[0]);
}
