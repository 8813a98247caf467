import type { Machine, Process } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { commandName, readWords } from "../owner/command-name.ts";
import { isInteractiveShell } from "../owner/session-host.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";

/** A server to stop: its topmost process, and those that listen or are about to. */
export interface Server {
  top: Process;
  listeners: Process[];
  /** What `top` has started besides: workers, and what listens on other ports. */
  others: Process[];
  /** The port that they listen on, which may not be the claimed one. */
  port: number;
  /** The name of `top`'s program. */
  command: string;
}

export interface Ended {
  pid: number;
  command: string | null;
  signal: "SIGTERM" | "SIGKILL";
}

type Signal = Ended["signal"];

/** Milliseconds between checks. */
const PAUSE = 10;
/** Seconds to wait for a process to exit after SIGKILL. */
const AFTER_KILL = 2;
/** Seconds in which a supervisor that is still running would restart a server. */
const RESTART = 1;

/**
 * Stops servers: sends TERM to the topmost process of each, then to what it leaves behind, and KILL
 * after `timeout` seconds. Throws a RegistryError ("still-running") if something still listens or
 * listens again. `leave`: other listeners on the port, which are left alone.
 */
export async function endServer(
  registry: Registry,
  claim: Claim | null,
  port: number,
  servers: readonly Server[],
  timeout: number,
  leave: readonly number[] = [],
): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const server of servers) ended.push(await endOne(registry, server, timeout));
  await checkRestart(registry, claim, port, servers, leave);
  return ended;
}

async function endOne(
  { machine }: Registry,
  { top, listeners, others, port, command }: Server,
  timeout: number,
): Promise<Ended> {
  const isRunning = ({ pid, start }: Process) => {
    const now = machine.process(pid);
    return now !== undefined && !now.ended && now.start === start;
  };
  const send = (process: Process, signal: Signal | "SIGCONT") => {
    if (!isRunning(process)) return;
    try {
      machine.signal(process.pid, signal);
    } catch (error) {
      if ((error as { code?: string }).code !== "ESRCH") throw error;
    }
  };
  // A suspended process handles TERM only once it is continued.
  const terminate = (process: Process) => {
    send(process, "SIGTERM");
    send(process, "SIGCONT");
  };
  const isOver = () =>
    !listeners.some(isRunning) || machine.listeners().every((socket) => socket.port !== port);
  const wait = async (seconds: number, isDone: () => boolean) => {
    const deadline = machine.monotonic() + seconds;
    while (!isDone()) {
      if (machine.monotonic() >= deadline) return false;
      await Bun.sleep(PAUSE);
    }
    return true;
  };
  const end = { pid: top.pid, command };
  const started = machine.monotonic();
  terminate(top);
  if (await wait(timeout, () => !isRunning(top))) {
    // A process that has exited can't pass the signal on to what it started.
    for (const process of [...listeners, ...others]) terminate(process);
    const left = timeout - (machine.monotonic() - started);
    if (await wait(left, isOver)) return { ...end, signal: "SIGTERM" };
  }
  for (const process of [top, ...listeners, ...others]) send(process, "SIGKILL");
  await wait(AFTER_KILL, isOver);
  return { ...end, signal: "SIGKILL" };
}

/** Watches the port for a moment if a remaining process may restart the server. */
async function checkRestart(
  registry: Registry,
  claim: Claim | null,
  port: number,
  servers: readonly Server[],
  leave: readonly number[],
): Promise<void> {
  const { machine } = registry;
  const supervisor = servers
    .map(({ top }) => machine.process(top.parent))
    .find((parent) => parent !== undefined && maySupervise(registry, claim, parent));
  const seconds = supervisor === undefined ? 0 : RESTART;
  const deadline = machine.monotonic() + seconds;
  do {
    const snapshot = new Snapshot(registry);
    const { pids } = snapshot.listeners.pidsOn(port);
    const again = pids
      .filter((pid) => !leave.includes(pid))
      .map((pid) => snapshot.processes.process(pid))
      .find((process) => process && (claim === null || snapshot.coverage.covers(claim, process)));
    if (again && servers.length > 0) {
      const survivor = isSurvivor(servers, again);
      const isChild =
        supervisor !== undefined && snapshot.processes.descendsFrom(again.pid, supervisor.pid);
      if (survivor || isBack(registry, claim, port, isChild)) {
        throw restarted(machine, port, survivor, again, supervisor);
      }
    }
    if (seconds > 0) await Bun.sleep(PAUSE * 5);
  } while (machine.monotonic() < deadline);
}

/**
 * Whether what listens is the server again: another may have got its port meanwhile. `isChild`: the
 * server's supervisor has started it.
 */
function isBack(registry: Registry, claim: Claim | null, port: number, isChild: boolean): boolean {
  const found = new ClaimStore(registry.machine, registry.home).read(port);
  if (found === undefined || !("claim" in found)) return isChild;
  const now = found.claim;
  return (["service", "project", "cwd"] as const).every((key) => now[key] === claim?.[key]);
}

function isSurvivor(servers: readonly Server[], again: Process): boolean {
  return servers.some(({ listeners }) =>
    listeners.some(({ pid, start }) => pid === again.pid && start === again.start),
  );
}

/** Whether a server's parent may restart it. The owner, a shell and process 1 don't. */
function maySupervise({ machine }: Registry, claim: Claim | null, parent: Process): boolean {
  if (parent.pid <= 1 || parent.ended) return false;
  if (claim !== null && parent.pid === claim.pid && !claim.owner?.serves) return false;
  return !isInteractiveShell(parent, readWords(machine, parent.pid));
}

function restarted(
  machine: Machine,
  port: number,
  survivor: boolean,
  again: Process,
  supervisor: Process | undefined,
): RegistryError {
  const name = (process: Process) => `${commandName(machine, process)} (pid ${process.pid})`;
  const message = survivor
    ? `${name(again)} on port ${port} survived SIGKILL`
    : `the server on port ${port} was started again by ${name(supervisor ?? again)}`;
  return new RegistryError(message, { code: "still-running", port });
}
