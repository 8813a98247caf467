import type { Process } from "../types.ts";
import { cached, failed, run } from "./run.ts";

const COLUMNS = "pid=,ppid=,pgid=,uid=,stat=,tty=,lstart=,command=";

interface Row extends Process {
  uid: number;
  command: string;
}

/** Reads the lines of ps(1) with COLUMNS, in the C locale and in UTC. */
export function parsePs(text: string): Row[] {
  const line = /^ *(\d+) +(\d+) +(\d+) +(\d+) +(\S+) +(\S+) +(\w+ +\w+ +\d+ +[\d:]+ +\d+) *(.*)$/gm;
  return Array.from(
    text.matchAll(line),
    ([, pid, parent, group, uid, state, tty, start, command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      uid: Number(uid),
      start: Date.parse(`${start} UTC`) / 1000,
      ended: state?.startsWith("Z") ?? false,
      // ps has no such flag: a forked shell is recognized by arguments equal to its parent's.
      forked: false,
      name: (command ?? "").split(" ")[0]?.split("/").at(-1) ?? "",
      hasTerminal: tty !== "??" && tty !== "-",
      suspended: state?.startsWith("T") ?? false,
      command: command ?? "",
    }),
  );
}

/** All processes, from one ps(1) per operation. */
const rows = cached(() => {
  const command = ["ps", "-axww", "-o", COLUMNS];
  const { pid, text } = run(command);
  const found = new Map(parsePs(text).map((row) => [row.pid, row]));
  if (found.size === 0) throw failed(command, "it lists no process");
  // ps itself, which has exited since.
  found.delete(pid);
  return found;
});

export const readProcess = (pid: number): Process | undefined => rows().get(pid);

export const readProcesses = (): Process[] => [...rows().values()];

export const allProcesses = (): number[] => [...rows().keys()];

/** ps joins arguments with spaces, so an argument that contains a space is split. */
export const readCommandLine = (pid: number): string[] => rows().get(pid)?.command.split(" ") ?? [];

export const readUser = (pid: number): number | undefined => rows().get(pid)?.uid;
