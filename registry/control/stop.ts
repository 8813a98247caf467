import type { Machine } from "../../native/machine.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import type { Claim, ListenerView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { ancestors, type Caller, isOwn } from "../owner/caller.ts";
import { describeClaim } from "../query/explain.ts";
import { inspectPort } from "../query/inspect.ts";
import { type Here, type PortOrService, resolvePort } from "../query/target.ts";
import type { Registry } from "../store/registry.ts";

export interface StopRequest {
  target: PortOrService;
  here: Here;
  /** Seconds between TERM and KILL. */
  timeout: number;
  /** Stop what isn't the caller's own too, or isn't claimed at all. */
  force?: boolean;
}

export interface Stopped {
  port: number;
  claim: Claim | null;
  /** What was ended, and how; empty if nothing listened. */
  ended: { pid: number; command: string | null; signal: "SIGTERM" | "SIGKILL" }[];
}

const PAUSE = 10;

/**
 * Ends what listens on a port: TERM, then KILL after the timeout. Only what is the caller's own
 * (same owner or same directory) and covered by the claim; never one of the caller's ancestors.
 * Throws a RegistryError: "not-found", "not-owner", "not-covered", "still-running".
 */
export async function stop(
  registry: Registry,
  request: StopRequest,
  caller: Caller | undefined,
): Promise<Stopped> {
  const { machine } = registry;
  const port = resolvePort(registry, request.target, request.here);
  const { claim, listeners } = inspectPort(registry, port);
  if (!request.force) checkOwn(registry, port, claim, listeners, request.here.cwd, caller);
  const targets = listeners.map((listener) => target(machine, port, listener));
  const ended = await Promise.all(targets.map((each) => end(machine, port, each, request.timeout)));
  const still = inspectPort(registry, port).listeners;
  const survivor = still.find(({ pid }) => targets.some((each) => each.pid === pid));
  if (survivor) {
    throw new RegistryError(`Cannot stop ${port}: process ${survivor.pid} survived SIGKILL`, {
      code: "still-running",
      port,
    });
  }
  return { port, claim, ended };
}

function checkOwn(
  registry: Registry,
  port: number,
  claim: Claim | null,
  listeners: (ListenerView & { covered: boolean })[],
  cwd: string,
  caller: Caller | undefined,
): void {
  if (claim === null) {
    const [first] = listeners;
    if (first === undefined) {
      const what = `port ${port}`;
      throw new RegistryError(`Cannot stop ${what}: nobody claims it and nothing listens`, {
        code: "not-found",
        what,
      });
    }
    const who = `${first.command ?? "a process"} (pid ${first.pid ?? "unknown"})`;
    throw new RegistryError(`Cannot stop ${port}: ${who} listens on it without a claim`, {
      code: "not-covered",
      port,
    });
  }
  const place = new ProcessTable(registry.machine).identity;
  const own = claim.cwd === cwd || (caller !== undefined && isOwn(claim, caller, place));
  if (!own) {
    const where = claim.cwd === undefined ? "" : ` in ${claim.cwd}`;
    throw new RegistryError(`Cannot stop ${port}: it is ${describeClaim(claim)}${where}`, {
      code: "not-owner",
      port,
      claim,
    });
  }
  const stranger = listeners.find(({ covered }) => !covered);
  if (stranger) {
    const who = `${stranger.command ?? "a process"} (pid ${stranger.pid ?? "unknown"})`;
    throw new RegistryError(
      `Cannot stop ${port}: ${who} listens on it, which the claim doesn't cover`,
      {
        code: "not-covered",
        port,
      },
    );
  }
}

interface Target {
  pid: number;
  start: number;
  command: string | null;
}

function target(machine: Machine, port: number, { pid, command }: ListenerView): Target {
  const process = pid === null ? undefined : machine.process(pid);
  if (pid === null || process === undefined) {
    throw new RegistryError(`Cannot stop ${port}: who listens on it can't be seen`, {
      code: "not-covered",
      port,
    });
  }
  const own = [machine.pid, ...ancestors(machine, machine.parent).map((each) => each.pid)];
  if (pid === 1 || own.includes(pid)) {
    const why = pid === 1 && !own.includes(pid) ? "it is process 1" : "this call comes from it";
    throw new RegistryError(
      `Cannot stop ${port}: ${command ?? "process"} (pid ${pid}) listens on it, and ${why}`,
      {
        code: "ancestor",
        port,
      },
    );
  }
  return { pid, start: process.start, command };
}

/** The very process is gone, a zombie, or doesn't listen any more. */
function isOver(machine: Machine, port: number, { pid, start }: Target): boolean {
  const process = machine.process(pid);
  if (process === undefined || process.ended || process.start !== start) return true;
  return machine.listeners().every((listener) => listener.port !== port);
}

async function end(machine: Machine, port: number, each: Target, timeout: number) {
  const deadline = machine.monotonic() + timeout;
  const { pid, command } = each;
  send(machine, each, "SIGTERM");
  while (machine.monotonic() < deadline) {
    if (isOver(machine, port, each)) return { pid, command, signal: "SIGTERM" as const };
    await Bun.sleep(PAUSE);
  }
  if (isOver(machine, port, each)) return { pid, command, signal: "SIGTERM" as const };
  send(machine, each, "SIGKILL");
  const last = machine.monotonic() + 2;
  while (machine.monotonic() < last && !isOver(machine, port, each)) await Bun.sleep(PAUSE);
  return { pid, command, signal: "SIGKILL" as const };
}

function send(machine: Machine, { pid, start }: Target, signal: "SIGTERM" | "SIGKILL"): void {
  if (machine.process(pid)?.start !== start) return;
  try {
    machine.signal(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}
