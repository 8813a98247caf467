import { contains } from "../allocate/choose-port.ts";
import type { Config } from "../config/config.ts";
import { ListenerTable } from "../liveness/listeners.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import type { ListenerView } from "../model/claim.ts";
import type { Registry } from "../store/registry.ts";

/** A port of the pool on which something listens that nobody claimed it for. */
export interface UnclaimedListener {
  port: number;
  listeners: ListenerView[];
}

/** Whether a port is one of those that claims are chosen from: the pool's, or a project's own. */
export function isInPool({ range, projects }: Config, port: number): boolean {
  if (contains(range, port)) return true;
  return projects.values().some((project) => project.range && contains(project.range, port));
}

/** What listens in the pool on ports other than the `claimed` ones, by port. */
export function findUnclaimed(
  { machine, config }: Registry,
  claimed: Iterable<number>,
): UnclaimedListener[] {
  const sockets = new ListenerTable(new ProcessTable(machine));
  const known = new Set(claimed);
  const ports = [...sockets.byPort().keys()]
    .filter((port) => !known.has(port) && isInPool(config, port))
    .toSorted((a, b) => a - b);
  sockets.search(ports, []);
  return ports.map((port) => ({ port, listeners: sockets.views(port) }));
}
