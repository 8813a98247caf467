import type { Process } from "../../native/machine.ts";
import type { Claim } from "../model/claim.ts";
import type { Snapshot } from "./snapshot.ts";

/** Whether a claim covers a process: it descends from the owner, is in its group, or works in its directory. */
export function isCovered(snapshot: Snapshot, claim: Claim, process: Process): boolean {
  const { processes, machine } = snapshot;
  if (processes.liveness(claim) === "alive" && processes.descendsFrom(process.pid, claim.pid)) {
    return true;
  }
  if (claim.owner && processes.isInGroup(process, claim.owner)) return true;
  const directory = machine.workingDirectory(process.pid);
  return claim.cwd !== undefined && directory !== undefined && isWithin(directory, claim.cwd);
}

/** Whether a path is a directory or lies below it. */
function isWithin(path: string, directory: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`)
  );
}
