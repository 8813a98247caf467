import type { Machine, Process } from "../../native/machine.ts";

/** The most ancestors to follow: more than any real process has. */
export const MAX_DEPTH = 256;

/** A process and its visible ancestors, nearest first. */
export function ancestors(machine: Machine, pid: number): Process[] {
  const line: Process[] = [];
  for (let next = pid; next > 0 && line.length < MAX_DEPTH;) {
    const process = machine.process(next);
    if (process === undefined) break;
    line.push(process);
    next = process.parent;
  }
  return line;
}

/** Returns a test for whether a pid is this process or an ancestor. Reads the ancestors on first use. */
export function ancestorTest(machine: Machine): (pid: number) => boolean {
  let line: readonly Process[] | undefined;
  return (pid) => {
    line ??= ancestors(machine, machine.parent);
    return pid === machine.pid || line.some((process) => process.pid === pid);
  };
}
