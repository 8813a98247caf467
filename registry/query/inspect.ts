import { Snapshot } from "../liveness/snapshot.ts";
import { isCovered } from "../maintain/reconcile.ts";
import type { ClaimView, ListenerView } from "../model/claim.ts";
import { readClaim } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { viewOf } from "./list.ts";

/** Who has a port: the claim, and what really listens. */
export interface PortInspection {
  port: number;
  claim: ClaimView | null;
  /** What is wrong with the port's claim file, if it can't be understood. */
  problem: string | null;
  /** `covered`: the claim answers for it. */
  listeners: (ListenerView & { covered: boolean })[];
}

/** Tells who claims a port and who listens on it. */
export function inspectPort(registry: Registry, port: number): PortInspection {
  const { machine, home, config } = registry;
  const snapshot = new Snapshot(machine, config.grace);
  const found = readClaim(machine, home, port);
  const claim = found && "claim" in found ? viewOf(snapshot, found.claim) : null;
  const listeners = snapshot.listeners.views(port).map((listener) => {
    const process = listener.pid === null ? undefined : snapshot.processes.process(listener.pid);
    const covered = claim !== null && process !== undefined && isCovered(snapshot, claim, process);
    return { ...listener, covered };
  });
  return { port, claim, problem: found && "problem" in found ? found.problem : null, listeners };
}
