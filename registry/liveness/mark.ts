import type { Process } from "../../native/machine.ts";
import type { Owner } from "../model/claim.ts";
import type { ProcessTable } from "./process-table.ts";

/** The environment variable in which `run` passes its marks to its command, newest first. */
export const MARK_VARIABLE = "PORTCLAIM_MARK";

/** Whether `run` passed an owner's mark to a process, directly or through others. */
export function isMarked(processes: ProcessTable, pid: number, owner: Owner | undefined): boolean {
  const mark = owner?.mark;
  if (mark === undefined) return false;
  return processes.variable(pid, MARK_VARIABLE)?.split(" ").includes(mark) ?? false;
}

/** The parent of kernel threads, which have neither environment nor arguments, on Linux. */
const KTHREADD = 2;

/** Whether execve(2) is loading a process's program: its environment and arguments read as empty until then. */
export function isBeingExecuted(processes: ProcessTable, { pid, parent }: Process): boolean {
  if (parent === KTHREADD || Object.keys(processes.variables(pid)).length > 0) return false;
  const { machine } = processes;
  return machine.commandLine(pid).join("") === "" && machine.process(pid)?.ended === false;
}
