import { accessSync, constants as modes, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { SystemError, unless } from "./errno.ts";
import { files } from "./files.ts";
import { cstringArray, errnoCode, libc, coldLibc, whole } from "./libc.ts";

const SIG_DFL = null;
const RLIMIT_NOFILE = 7;
const SYS_FCNTL = process.arch === "arm64" ? 25 : 72;
const F_SETFD = 2;

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
 * Finds a program as execvp(3) does. Throws a SystemError: ENOENT if there is none, EACCES if what
 * is there can't be run.
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

/** The limits of a process's open files, as /proc shows them; Bun raises its own at start. */
export function parseFileLimit(limits: string): [soft: bigint, hard: bigint] | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  const number = (text: string) => (text === "unlimited" ? 2n ** 64n - 1n : BigInt(text));
  return soft && hard ? [number(soft), number(hard)] : undefined;
}

function fileLimitOf(pid: number): [soft: bigint, hard: bigint] | undefined {
  const limits = unless(["ENOENT", "EACCES"], () => files().read(`/proc/${pid}/limits`, 8192));
  return parseFileLimit(limits ?? "");
}

// What `ulimit -n` of a shell that became portclaim has set is both limits, and is not its parent's.
function restoreFileLimit(): void {
  const own = fileLimitOf(process.pid);
  const parents = fileLimitOf(process.ppid);
  if (parents === undefined || own?.[1] !== parents[1]) return;
  coldLibc().prlimit(0, RLIMIT_NOFILE, BigUint64Array.from(parents), null);
}

/** Hands on what the caller had open: Bun marks all that it finds at its start as close-on-exec. */
function restoreDescriptors(): void {
  for (const name of files().list("/proc/self/fd")) {
    const link = unless(["ENOENT"], () => files().readLink(`/proc/self/fd/${name}`));
    // Bun's own are its event loop's.
    if (link === undefined || link.startsWith("anon_inode:")) continue;
    if (Number(name) > 2) libc().syscall(SYS_FCNTL, Number(name), F_SETFD, 0, 0, null);
  }
}

/**
 * Becomes another program: same process, same pid (execve(2)). What Bun changed for itself is put
 * back before: ignored signals, the limit of open files. Returns only by throwing a SystemError.
 */
export function become(program: string, argv: string[], env: Record<string, string>): never {
  const { SIGPIPE, SIGXFSZ } = constants.signals;
  for (const signal of [SIGPIPE, SIGXFSZ]) coldLibc().signal(signal, SIG_DFL);
  if (process.platform === "linux") {
    restoreFileLimit();
    restoreDescriptors();
  }
  const failed = execve(program, argv, env);
  // The program was found, so what is missing is what its first line names.
  if (failed === "ENOENT") throw new SystemError(failed, "run", `the interpreter of ${program}`);
  // As execvp(3) does: a script without "#!" is the shell's.
  if (failed !== "ENOEXEC") throw new SystemError(failed, "run", program);
  throw new SystemError(execve("/bin/sh", ["sh", program, ...argv.slice(1)], env), "run", program);
}

function execve(program: string, argv: string[], env: Record<string, string>): string {
  const words = cstringArray(argv);
  const variables = cstringArray(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  coldLibc().execve(whole(program), words.pointers, variables.pointers);
  return errnoCode();
}
