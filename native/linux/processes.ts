import { unless } from "../errno.ts";
import { files } from "../files.ts";
import type { Process } from "../types.ts";

const PF_FORKNOEXEC = 0x40;
const UNSEEN = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

let ours: boolean | undefined;

/** Whether /proc belongs to this pid namespace. A new namespace may still have its parent's /proc. */
export function isOwnProc(): boolean {
  ours ??= unless(UNSEEN, () => files().readLink("/proc/self")) === String(process.pid);
  return ours;
}

/** The process with this pid; `undefined` if there is none or it isn't visible. */
export function readProcess(pid: number): Process | undefined {
  if (pid === process.pid) return readSelf();
  return isOwnProc() ? parseStat(pid, readStat(pid)) : undefined;
}

/** This process, which also tells whether /proc belongs to this pid namespace. */
function readSelf(): Process | undefined {
  const stat = readStat("self");
  ours = stat?.startsWith(`${process.pid} (`) ?? false;
  return ours ? parseStat(process.pid, stat) : undefined;
}

function readStat(pid: number | "self"): string | undefined {
  return unless(UNSEEN, () => files().read(`/proc/${pid}/stat`, 4096));
}

/** Parses a line of proc_pid_stat(5). The name itself may contain spaces and parentheses. */
export function parseStat(pid: number, stat = ""): Process | undefined {
  const open = stat.indexOf("(");
  const shut = stat.lastIndexOf(")");
  if (open < 0 || shut < open) return undefined;
  const field = stat.slice(shut + 2).split(" ", 20);
  const state = field[0] ?? "";
  return {
    pid,
    parent: Number(field[1]),
    group: Number(field[2]),
    start: Number(field[19]),
    // The main thread may exit before the others: a zombie that still has threads is running.
    ended: state === "X" || state === "x" || (state === "Z" && Number(field[17]) <= 1),
    forked: (Number(field[6]) & PF_FORKNOEXEC) !== 0,
    name: stat.slice(open + 1, shut),
    hasTerminal: field[4] !== "0",
    suspended: state === "T",
  };
}

/** A process's arguments, program first. If it overwrote them with a title, that is one string. */
export function readCommandLine(pid: number): string[] {
  const line = unless(UNSEEN, () => files().read(`/proc/${pid}/cmdline`, 65_536));
  if (line === undefined) return [""];
  let end = line.length;
  while (line[end - 1] === "\0") end--;
  return line.slice(0, end).split("\0");
}

/** A process's initial environment, as NAME=value; empty if it can't be read. */
export function readEnvironment(pid: number): string[] {
  const text = unless(UNSEEN, () => files().read(`/proc/${pid}/environ`, 1024 * 1024));
  return text === undefined ? [] : text.split("\0");
}

/** A process's current directory; `undefined` if it can't be read. */
export function readWorkingDirectory(pid: number): string | undefined {
  return unless(UNSEEN, () => files().readLink(`/proc/${pid}/cwd`));
}

/** The user id that a process runs as. */
export function readUser(pid: number): number | undefined {
  return unless(UNSEEN, () => files().stat(`/proc/${pid}`))?.uid;
}

/** Every visible process. */
export function readProcesses(): Process[] {
  return allProcesses()
    .map(readProcess)
    .filter((process) => process !== undefined);
}

/** The pid of every visible process. */
export function allProcesses(): number[] {
  if (!isOwnProc()) return [];
  return files()
    .list("/proc")
    .filter((name) => name >= "1" && name < ":")
    .map(Number);
}
