import type { Process } from "../../native/machine.ts";
import type { Owner } from "../model/claim.ts";
import type { ProcessTable } from "./process-table.ts";

/** The environment variable in which `run` passes its marks to its command, newest first. */
export const MARK_VARIABLE = "PORTCLAIM_MARK";

/** The parent of all kernel threads, which have no environment, on Linux. */
const KTHREADD = 2;

/** Whether `run` passed an owner's mark to a process, directly or through others. */
export function isMarked(processes: ProcessTable, pid: number, owner: Owner | undefined): boolean {
  const mark = owner?.mark;
  if (mark === undefined) return false;
  return processes.variable(pid, MARK_VARIABLE)?.split(" ").includes(mark) ?? false;
}

/** Whether a process may have a mark: until execve(2) has loaded its new program, its environment reads as empty. */
export function mayHideMark(processes: ProcessTable, { pid, parent }: Process): boolean {
  if (parent === KTHREADD || Object.keys(processes.variables(pid)).length > 0) return false;
  const { machine } = processes;
  // Of another user's process, only root may read it.
  if (machine.uid !== 0 && machine.user(pid) !== machine.uid) return false;
  return machine.process(pid)?.ended === false;
}
