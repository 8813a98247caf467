import type { Machine } from "../../native/machine.ts";

/** A process to end, pinned by its start time. */
export interface Target {
  pid: number;
  start: number;
  command: string | null;
}

export interface Ended {
  pid: number;
  command: string | null;
  signal: "SIGTERM" | "SIGKILL";
}

/** Milliseconds between two checks. */
const PAUSE = 10;
/** Seconds that a process gets to disappear after SIGKILL. */
const AFTER_KILL = 2;

/** Ends a process that listens on a port: TERM, then KILL after `timeout` seconds. */
export async function endProcess(
  machine: Machine,
  port: number,
  target: Target,
  timeout: number,
): Promise<Ended> {
  const { pid, command } = target;
  send(machine, target, "SIGTERM");
  if (await isOverWithin(machine, port, target, timeout)) {
    return { pid, command, signal: "SIGTERM" };
  }
  send(machine, target, "SIGKILL");
  await isOverWithin(machine, port, target, AFTER_KILL);
  return { pid, command, signal: "SIGKILL" };
}

async function isOverWithin(machine: Machine, port: number, target: Target, seconds: number) {
  const deadline = machine.monotonic() + seconds;
  for (;;) {
    if (isOver(machine, port, target)) return true;
    if (machine.monotonic() >= deadline) return false;
    await Bun.sleep(PAUSE);
  }
}

/** Whether that very process has exited, or nothing listens on the port any more. */
function isOver(machine: Machine, port: number, { pid, start }: Target): boolean {
  const process = machine.process(pid);
  if (process === undefined || process.ended || process.start !== start) return true;
  return machine.listeners().every((listener) => listener.port !== port);
}

function send(machine: Machine, { pid, start }: Target, signal: "SIGTERM" | "SIGKILL"): void {
  if (machine.process(pid)?.start !== start) return;
  try {
    machine.signal(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}
