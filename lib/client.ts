import { PortclaimError } from "./error.ts";
import { program } from "./program.ts";

// startup: loading it costs a program on Bun, which rarely needs it, 4 ms.
const childProcess = (): typeof import("node:child_process") => require("node:child_process");

/** A command of portclaim. */
export interface Call {
  args: string[];
  cwd?: string | undefined;
}

/** Runs a command; returns the JSON that it prints. Throws a {@link PortclaimError}. */
export function callSync({ args, cwd }: Call): unknown {
  const [file = "", ...first] = program();
  const { error, stdout, stderr } = childProcess().spawnSync(file, [...first, ...args], {
    cwd,
    encoding: "utf8",
    maxBuffer: Infinity,
  });
  return resultOf({ error, stdout, stderr });
}

/** The same without blocking this process. */
export function call({ args, cwd }: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const [file = "", ...first] = program();
    childProcess().execFile(
      file,
      [...first, ...args],
      { cwd, maxBuffer: Infinity },
      (error, stdout, stderr) => {
        // An exit code other than 0 is reported on stderr.
        const failed = typeof error?.code === "string" ? (error as SystemError) : undefined;
        try {
          resolve(resultOf({ error: failed, stdout, stderr }));
        } catch (thrown) {
          reject(thrown as Error);
        }
      },
    );
  });
}

type SystemError = Error & { code?: string };

interface Ended {
  error: SystemError | undefined;
  stdout: string | null;
  stderr: string | null;
}

function resultOf({ error, stdout, stderr }: Ended): unknown {
  if (error) throw cannotRun(error);
  if (stdout) return JSON.parse(stdout);
  throw errorOf(stderr ?? "");
}

function cannotRun({ message, code = "failed" }: SystemError): Error {
  return new PortclaimError(`cannot run ${program()[0]}: ${message}`, { code });
}

/** The error that the program reports in the last line of stderr. */
function errorOf(stderr: string): PortclaimError {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) {
    const message = last.replace(/^portclaim: /, "");
    return new PortclaimError(message || "portclaim exited without an answer", { code: "failed" });
  }
  const { error } = JSON.parse(last) as { error: { message: string; code: string } };
  return new PortclaimError(error.message, error);
}
