import { unless } from "../errno.ts";
import { files } from "../files.ts";
import type { Process } from "../types.ts";
import { startOf } from "./clock.ts";

const PF_FORKNOEXEC = 0x40;
const UNSEEN = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

let ours: boolean | undefined;

/** Whether /proc belongs to this pid namespace. In a new one it may still be its parent's. */
export function isOwnProc(): boolean {
  ours ??= files().readLinkIfVisible("/proc/self") === String(process.pid);
  return ours;
}

/** The process with this pid; `undefined` if there is none or it is hidden. */
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

/** Reads a line of proc_pid_stat(5). The name may itself contain spaces and brackets. */
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
    start: startOf(Number(field[19])),
    // The first thread may exit before the others: a zombie with threads still runs.
    ended: state === "X" || state === "x" || (state === "Z" && Number(field[17]) <= 1),
    forked: (Number(field[6]) & PF_FORKNOEXEC) !== 0,
    name: stat.slice(open + 1, shut),
    hasTerminal: field[4] !== "0",
    suspended: state === "T",
  };
}

/** The arguments of a process, program first. A title that it wrote over them is a single string. */
export function readCommandLine(pid: number): string[] {
  const line = unless(UNSEEN, () => files().read(`/proc/${pid}/cmdline`, Infinity));
  if (line === undefined) return [""];
  let end = line.length;
  while (line[end - 1] === "\0") end--;
  return line.slice(0, end).split("\0");
}

/** The environment that a process started with, as NAME=value; empty where it may not be read. */
export function readEnvironment(pid: number): string[] {
  const text = unless(UNSEEN, () => files().read(`/proc/${pid}/environ`, Infinity));
  return text ? text.replace(/\0$/, "").split("\0") : [];
}

/** The current directory of a process; `undefined` where it may not be read. */
export function readWorkingDirectory(pid: number): string | undefined {
  return files().readLinkIfVisible(`/proc/${pid}/cwd`);
}

export function readUser(pid: number): number | undefined {
  return unless(UNSEEN, () => files().stat(`/proc/${pid}`))?.uid;
}

/** Every process that isn't hidden. */
export function readProcesses(): Process[] {
  return allProcesses()
    .map(readProcess)
    .filter((process) => process !== undefined);
}

/** The pid of every process that isn't hidden. */
export function allProcesses(): number[] {
  if (!isOwnProc()) return [];
  return files()
    .list("/proc")
    .filter((name) => name >= "1" && name < ":")
    .map(Number);
}
