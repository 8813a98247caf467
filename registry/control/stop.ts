import type { Machine } from "../../native/machine.ts";
import type { Claim, ListenerView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { ancestors } from "../owner/ancestors.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import { describeClaim } from "../query/explain.ts";
import { type Here, type PortOrService, resolvePort } from "../query/find.ts";
import { inspectPort, type PortInspection } from "../query/inspect.ts";
import type { Registry } from "../store/registry.ts";
import { endProcess, type Ended, type Target } from "./end-process.ts";

export interface StopRequest {
  target: PortOrService;
  here: Here;
  /** Seconds between TERM and KILL. */
  timeout: number;
  /** Stop a listener of another owner too, or one without a claim. */
  force?: boolean;
}

export interface Stopped {
  port: number;
  claim: Claim | null;
  /** Which processes were ended, and how; empty if nothing listened. */
  ended: Ended[];
}

/**
 * Ends what listens on a port: TERM, then KILL after the timeout. Only a listener that the claim
 * covers, of a claim of the same owner or directory; never an ancestor of the caller. Throws a
 * RegistryError: "not-found", "not-owner", "not-covered", "ancestor", "still-running".
 */
export async function stop(
  registry: Registry,
  request: StopRequest,
  caller: Caller | undefined,
): Promise<Stopped> {
  const { machine } = registry;
  const port = resolvePort(registry, request.target, request.here);
  const inspection = inspectPort(registry, port);
  if (!request.force) checkMayStop(machine, inspection, request.here.cwd, caller);
  const targets = inspection.listeners.map((listener) => targetOf(machine, port, listener));
  const ended = await Promise.all(
    targets.map((target) => endProcess(machine, port, target, request.timeout)),
  );
  const survivor = inspectPort(registry, port).listeners.find(({ pid }) =>
    targets.some((target) => target.pid === pid),
  );
  if (survivor === undefined) return { port, claim: inspection.claim, ended };
  throw new RegistryError(`process ${survivor.pid} on port ${port} survived SIGKILL`, {
    code: "still-running",
    port,
  });
}

function checkMayStop(
  machine: Machine,
  { port, claim, listeners }: PortInspection,
  cwd: string,
  caller: Caller | undefined,
): void {
  const [first] = listeners;
  if (claim === null && first === undefined) {
    const what = `port ${port}`;
    throw new RegistryError(`nothing listens on port ${port}, and it isn't claimed`, {
      code: "not-found",
      what,
    });
  }
  if (claim !== null) {
    const isOwn =
      claim.cwd === cwd || (caller !== undefined && isOwnedBy(claim, caller, machine.identity()));
    if (!isOwn) {
      const where = claim.cwd === undefined ? "" : `, in ${claim.cwd}`;
      const message = `port ${port} is ${describeClaim(claim)}${where}`;
      throw new RegistryError(message, { code: "not-owner", port, claim });
    }
  }
  const foreign = listeners.find(({ covered }) => !covered);
  if (foreign === undefined) return;
  const why = claim === null ? "without a claim" : "which the claim doesn't cover";
  throw new RegistryError(`port ${port} is in use by ${nameOf(foreign)}, ${why}`, {
    code: "not-covered",
    port,
  });
}

const nameOf = ({ command, pid }: ListenerView) =>
  `${command ?? "a process"} (pid ${pid ?? "unknown"})`;

/** The process to end. Throws a RegistryError where it can't be seen or must not be ended. */
function targetOf(machine: Machine, port: number, listener: ListenerView): Target {
  const { pid, command } = listener;
  const process = pid === null ? undefined : machine.process(pid);
  if (pid === null || process === undefined) {
    const message = `port ${port} is in use by a process that can't be seen`;
    throw new RegistryError(message, { code: "not-covered", port });
  }
  const own = [machine.pid, ...ancestors(machine, machine.parent).map((each) => each.pid)];
  if (pid === 1 || own.includes(pid)) {
    const why = own.includes(pid) ? "which this command runs in" : "process 1";
    throw new RegistryError(`port ${port} is in use by ${nameOf(listener)}, ${why}`, {
      code: "ancestor",
      port,
    });
  }
  return { pid, start: process.start, command };
}
