import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { allProcesses, hasEnded, parentOf, startOf, statOf } from "../../processes.ts";

// What is true on this machine, without portclaim's own code.

/** A process for as long as it lives: its pid may be given to another. */
export interface ProcessId {
  pid: number;
  start: string | undefined;
}

export const identify = (pid: number): ProcessId => ({ pid, start: startOf(pid) });

export const isRunning = ({ pid, start }: ProcessId): boolean =>
  start !== undefined && startOf(pid) === start && !hasEnded(pid);

const LISTEN = "0A";

/** The sockets that listen, by port: proc_net(5). */
export function listening(): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const table of ["tcp", "tcp6"]) {
    for (const line of readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state !== LISTEN) continue;
      const port = Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
      found.set(port, (found.get(port) ?? new Set()).add(inode));
    }
  }
  return found;
}

/** Whether a process has one of these sockets open. */
export function holds(pid: number, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((name) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`))?.[1];
      return inode !== undefined && sockets.has(inode);
    });
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Whether anything runs in a process group: field 5 of proc_pid_stat(5). */
export const groupLives = (group: number): boolean =>
  allProcesses().some((pid) => statOf(pid)[2] === String(group) && !hasEnded(pid));

/** Whether anything runs that was started with a text in its environment. */
export const environmentLives = (text: string): boolean =>
  allProcesses().some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(text) && !hasEnded(pid);
    } catch {
      return false;
    }
  });

export function descends(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}
