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
