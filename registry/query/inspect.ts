import { isCovered } from "../liveness/coverage.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView, ListenerView } from "../model/claim.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { viewClaim } from "./list.ts";

/** A port: its claim, and what really listens. */
export interface PortInspection {
  port: number;
  claim: ClaimView | null;
  /** What is wrong with the port's claim file, if it can't be read. */
  problem: string | null;
  /** `covered`: the listener belongs to the claim. */
  listeners: (ListenerView & { covered: boolean })[];
}

/** Tells what claims a port and what listens on it. */
export function inspectPort({ machine, home, config }: Registry, port: number): PortInspection {
  const snapshot = new Snapshot(machine, config.grace);
  const found = new ClaimStore(machine, home).read(port);
  const claim = found && "claim" in found ? viewClaim(snapshot, found.claim) : null;
  const listeners = snapshot.listeners.views(port).map((listener) => {
    const process = listener.pid === null ? undefined : snapshot.processes.process(listener.pid);
    const covered = claim !== null && process !== undefined && isCovered(snapshot, claim, process);
    return { ...listener, covered };
  });
  return { port, claim, problem: found && "problem" in found ? found.problem : null, listeners };
}
