import { accessSync, constants as modes, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { SystemError } from "../errno.ts";
import { restoreProcess } from "../linux/restore.ts";
import { cstringArray, errnoCode, coldLibc, whole } from "./libc.ts";

const SIG_DFL = null;

const restore = process.platform === "linux" ? restoreProcess : () => {};

function isProgram(path: string): boolean {
  try {
    accessSync(path, modes.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Finds a program as execvp(3) does. Throws a SystemError: ENOENT if there is none, EACCES if it
 * can't be run.
 */
export function findProgram(command: string, path: string): string {
  const isPath = command === "" || command.includes("/");
  const places = isPath
    ? [command]
    : path.split(":").map((folder) => join(folder === "" ? "." : folder, command));
  const found = places.find(isProgram);
  if (found !== undefined) return found;
  throw new SystemError(places.some(isThere) ? "EACCES" : "ENOENT", "run", command);
}

/**
 * Becomes another program, in the same process (execve(2)). First restores what Bun changed for
 * itself: ignored signals, the limit of open files, descriptors. Returns only by throwing a SystemError.
 */
export function become(program: string, argv: string[], env: Record<string, string>): never {
  const { SIGPIPE, SIGXFSZ } = constants.signals;
  for (const signal of [SIGPIPE, SIGXFSZ]) coldLibc().signal(signal, SIG_DFL);
  restore();
  const failed = execve(program, argv, env);
  // The program exists, so what is missing is the interpreter that its first line names.
  if (failed === "ENOENT") throw new SystemError(failed, "run", `the interpreter of ${program}`);
  // A script without "#!" runs in the shell, as with execvp(3).
  if (failed !== "ENOEXEC") throw new SystemError(failed, "run", program);
  throw new SystemError(execve("/bin/sh", ["sh", program, ...argv.slice(1)], env), "run", program);
}

function execve(program: string, argv: string[], env: Record<string, string>): string {
  const words = cstringArray(argv);
  const variables = cstringArray(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  coldLibc().execve(whole(program), words.pointers, variables.pointers);
  return errnoCode();
}
