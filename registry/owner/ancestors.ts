import type { Machine, Process } from "../../native/machine.ts";

/** A deeper line of ancestors than any real one. */
export const MAX_DEPTH = 256;

/** A process and its ancestors, nearest first, as far as they can be seen. */
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

/** Tells whether a process is this one or an ancestor of it. Reads the ancestors when first asked. */
export function ancestorTest(machine: Machine): (pid: number) => boolean {
  let line: readonly Process[] | undefined;
  return (pid) => {
    line ??= ancestors(machine, machine.parent);
    return pid === machine.pid || line.some((process) => process.pid === pid);
  };
}
