import { isInPool } from "../config/pool.ts";
import { ListenerTable } from "../liveness/listeners.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import type { UnclaimedListener } from "../model/claim.ts";
import type { Registry } from "../store/registry.ts";

/** The listeners on ports in the pool that aren't `claimed`, by port. */
export function findUnclaimed(
  { machine, config }: Registry,
  claimed: Iterable<number>,
): UnclaimedListener[] {
  const listeners = new ListenerTable(new ProcessTable(machine));
  const known = new Set(claimed);
  const ports = [...listeners.byPort().keys()]
    .filter((port) => !known.has(port) && isInPool(config, port))
    .toSorted((a, b) => a - b);
  listeners.search(ports, []);
  return ports.map((port) => ({ port, listeners: listeners.views(port) }));
}
