import { SystemError } from "../errno.ts";

/**
 * Milliseconds for which a program's output is reused, so that one run serves a whole operation. The time
 * in which such programs run doesn't count: lsof may take longer than all the rest.
 */
const FRESH = 200;
let waited = 0;
const now = () => performance.now() - waited;

/** Where macOS has ps, lsof and sysctl: cron's PATH lacks /usr/sbin. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

/** The same function, but it returns its last value while that is fresh. */
export function cached<T>(read: () => T): () => T {
  let value: T | undefined;
  let until = 0;
  return () => {
    if (value !== undefined && now() < until) return value;
    value = read();
    until = now() + FRESH;
    return value;
  };
}

/**
 * Runs one of the system's programs in the C locale and in UTC; returns its output and its pid. Throws a
 * SystemError if it fails. lsof(8) also exits with 1 if it finds nothing, but then prints no error.
 */
export function run(command: string[]): { pid: number; text: string } {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const { pid, exitCode, signalCode, stdout, stderr } = start(command, env);
  const problem = stderr.toString().trim();
  const foundNothing = command[0] === "lsof" && exitCode === 1 && problem === "";
  if (exitCode === 0 || foundNothing) return { pid, text: stdout.toString() };
  throw failed(command, problem || String(signalCode ?? `exit code ${exitCode}`));
}

function start([name = "", ...args]: string[], env: Record<string, string | undefined>) {
  const started = performance.now();
  const program = Bun.which(name, { PATH: `${env["PATH"] ?? ""}:${SYSTEM_PATH}` });
  if (program === null) throw new SystemError("ENOENT", `run ${name}`);
  try {
    return Bun.spawnSync([program, ...args], { env, stdin: "ignore" });
  } catch (error) {
    throw new SystemError((error as { code?: string }).code ?? "EIO", `run ${name}`);
  } finally {
    waited += performance.now() - started;
  }
}

/** The error of a program that ran and failed. */
export function failed(command: string[], problem: string): SystemError {
  return new SystemError("EIO", `run ${command[0]}`, problem.split("\n")[0]);
}
