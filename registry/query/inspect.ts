import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView, ListenerView } from "../model/claim.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { viewClaims } from "./list.ts";

/** A port's claim and its actual listeners. */
export interface PortInspection {
  port: number;
  claim: ClaimView | null;
  /** What is wrong with the port's claim file, if it can't be read. */
  problem: string | null;
  /** `covered`: the listener belongs to the claim. */
  listeners: (ListenerView & { covered: boolean })[];
  /** Nothing listens, but a process is bound to the port. */
  bound?: true;
}

/**
 * Looks up a port's claim and listeners. `probe`: also checks whether it is bound without a listener, by
 * binding it for a moment.
 */
export function inspectPort(
  registry: Registry,
  port: number,
  { probe = false }: { probe?: boolean } = {},
): PortInspection {
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const snapshot = new Snapshot(registry);
  const claim = viewClaims(snapshot, table).find((view) => view.port === port) ?? null;
  const file = table.claims.get(port);
  const listeners = snapshot.listeners.views(port).map((listener) => {
    const { pid } = listener;
    const covered = file !== undefined && pid !== null && !snapshot.isForeign(file.claim, pid);
    return { ...listener, covered };
  });
  const isBound = probe && listeners.length === 0 && registry.machine.probe(port) === "used";
  const problem = table.unreadable.get(port)?.problem ?? null;
  return { port, claim, problem, listeners, ...(isBound && { bound: true }) };
}
