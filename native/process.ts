import { unless } from "./errno.ts";
import { files } from "./files.ts";
import * as ps from "./ps.ts";
import type { Process } from "./types.ts";

const PF_FORKNOEXEC = 0x40;
const UNSEEN = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

let ours: boolean | undefined;

/** Whether /proc numbers processes as kill(2) does here: in a new pid namespace it may be another's. */
export function isOwnProc(): boolean {
  ours ??= unless(UNSEEN, () => files().readLink("/proc/self")) === String(process.pid);
  return ours;
}

/** The process with this pid; `undefined` if there is none, or none that may be seen. */
export function readProcess(pid: number): Process | undefined {
  if (process.platform === "darwin") return ps.readProcess(pid);
  if (pid === process.pid) return readSelf();
  return isOwnProc() ? parseStat(pid, readStat(pid)) : undefined;
}

/** This process, which tells whose processes /proc shows as well. */
function readSelf(): Process | undefined {
  const stat = readStat("self");
  ours = stat?.startsWith(`${process.pid} (`) ?? false;
  return ours ? parseStat(process.pid, stat) : undefined;
}

function readStat(pid: number | "self"): string | undefined {
  return unless(UNSEEN, () => files().read(`/proc/${pid}/stat`, 4096));
}

/** Reads a line of proc_pid_stat(5); the name may itself hold spaces and brackets. */
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
    // The first thread may have ended before the others: a zombie with threads lives on.
    ended: state === "X" || state === "x" || (state === "Z" && Number(field[17]) <= 1),
    forked: (Number(field[6]) & PF_FORKNOEXEC) !== 0,
    name: stat.slice(open + 1, shut),
    hasTerminal: field[4] !== "0",
    suspended: state === "T",
  };
}

/** Its arguments, program first; a title that a program wrote over them comes as one string. */
export function readCommandLine(pid: number): string[] {
  if (process.platform === "darwin") return ps.readCommandLine(pid);
  const line = unless(UNSEEN, () => files().read(`/proc/${pid}/cmdline`, 65_536));
  if (line === undefined) return [""];
  let end = line.length;
  while (line[end - 1] === "\0") end--;
  return line.slice(0, end).split("\0");
}

/** Its environment when it started, as NAME=value; empty where it may not be read. */
export function readEnvironment(pid: number): string[] {
  if (process.platform === "darwin") return [];
  const text = unless(UNSEEN, () => files().read(`/proc/${pid}/environ`, 1024 * 1024));
  return text === undefined ? [] : text.split("\0");
}

/** Its current directory; `undefined` where it may not be seen. */
export function readWorkingDirectory(pid: number): string | undefined {
  if (process.platform === "darwin") return ps.readWorkingDirectory(pid);
  return unless(UNSEEN, () => files().readLink(`/proc/${pid}/cwd`));
}

/** The user that runs it. */
export function readUser(pid: number): number | undefined {
  if (process.platform === "darwin") return ps.readUser(pid);
  return unless(UNSEEN, () => files().stat(`/proc/${pid}`))?.uid;
}

/** Every process that may be seen. */
export function allProcesses(): number[] {
  if (process.platform === "darwin") return ps.allProcesses();
  if (!isOwnProc()) return [];
  return files()
    .list("/proc")
    .filter((name) => name >= "1" && name < ":")
    .map(Number);
}

/** Whether `kill(pid, 0)` finds a process: EPERM means that there is one. `pid` is above 0. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

/** Whether any process is in the group, by `kill(-group, 0)`. */
export function groupExists(group: number): boolean {
  return group > 1 && exists(-group);
}
