import type { Process } from "./types.ts";

const COLUMNS = "pid=,ppid=,pgid=,uid=,stat=,lstart=,command=";

interface Row extends Process {
  uid: number;
  command: string;
}

function run(command: string[]): string {
  const env = { ...process.env, LC_ALL: "C" };
  return Bun.spawnSync(command, { env, stdin: "ignore", stderr: "ignore" }).stdout.toString();
}

/** Reads `ps -o pid=,ppid=,pgid=,uid=,stat=,lstart=,command=` of ps(1) on macOS, in the C locale. */
export function parsePs(text: string): Row[] {
  const line = /^ *(\d+) +(\d+) +(\d+) +(\d+) +(\S+) +(\w+ +\w+ +\d+ +[\d:]+ +\d+) *(.*)$/gm;
  return Array.from(text.matchAll(line), ([, pid, parent, group, uid, state, start, command]) => ({
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    uid: Number(uid),
    start: Date.parse(start ?? "") / 1000,
    ended: state?.startsWith("Z") ?? false,
    // ps has no such flag: a forked shell is known by arguments equal to its parent's.
    forked: false,
    name: (command ?? "").split(" ")[0]?.split("/").at(-1) ?? "",
    hasTerminal: false,
    suspended: state?.startsWith("T") ?? false,
    command: command ?? "",
  }));
}

function row(pid: number): Row | undefined {
  return parsePs(run(["ps", "-ww", "-o", COLUMNS, "-p", String(pid)]))[0];
}

export function readProcess(pid: number): Process | undefined {
  return row(pid);
}

/** ps joins arguments by spaces, so one with a space inside comes in parts. */
export function readCommandLine(pid: number): string[] {
  return row(pid)?.command.split(" ") ?? [];
}

export function readUser(pid: number): number | undefined {
  return row(pid)?.uid;
}

/** lsof(8) with `-Fn` prints a line each: `p<pid>`, `fcwd`, `n<path>`. */
export function readWorkingDirectory(pid: number): string | undefined {
  const text = run(["lsof", "-a", "-p", String(pid), "-d", "cwd", "-Fn"]);
  return /^n(.*)$/m.exec(text)?.[1];
}

export function allProcesses(): number[] {
  return parsePs(run(["ps", "-axww", "-o", COLUMNS])).map(({ pid }) => pid);
}
