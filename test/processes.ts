import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { unless } from "../native/errno.ts";

/** The pids of all processes but init. */
export function allProcesses(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 1);
}

const GONE = ["ENOENT", "ESRCH"];

/** The fields of proc_pid_stat(5) from the third on: state, parent, group, …; none if it is gone. */
export function statOf(pid: number): string[] {
  const text = unless(GONE, () => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
}

/** When a process started: field 22 of proc_pid_stat(5). */
export const startOf = (pid: number): string | undefined => statOf(pid)[19];

export const parentOf = (pid: number): number => Number(statOf(pid)[1]);

/** Whether a process has ended with all its threads: the last of them closes its sockets. */
export function hasEnded(pid: number): boolean {
  const [state = "X", ...rest] = statOf(pid);
  return "ZX".includes(state) && Number(rest[16] ?? 1) <= 1;
}

const PF_EXITING = 4;

/** Whether a process is exiting, but hasn't ended: its variables can't be read any more. See linux/sched.h. */
export const isExiting = (pid: number): boolean =>
  (Number(statOf(pid)[6]) & PF_EXITING) !== 0 && !hasEnded(pid);

/** Whether a process was started with this variable; not if its variables may not be read. */
export function hasVariable(pid: number, variable: string): boolean {
  const text = unless([...GONE, "EACCES"], () => readFileSync(`/proc/${pid}/environ`, "utf8"));
  return text?.split("\0").includes(variable) ?? false;
}

/** Kills a process, or a group if negative; one that is gone is no error. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Whether a port takes a connection. */
export function accepts(port: number, host = "127.0.0.1"): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host, () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
