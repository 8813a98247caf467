import type { Listener } from "../../native/machine.ts";
import { isInPool } from "../config/pool.ts";
import { ListenerTable } from "../liveness/listeners.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import { HIGHEST_PORT, type UnclaimedListener } from "../model/claim.ts";
import type { Registry } from "../store/registry.ts";

/** The listeners on ports in the pool that aren't `claimed`, by port. */
export function findUnclaimed(registry: Registry, claimed: Iterable<number>): UnclaimedListener[] {
  return search(registry, claimed, (port) => isInPool(registry.config, port));
}

/** This user's listeners below the ephemeral ports that aren't `claimed`, by port. */
export function findOwnUnclaimed(
  registry: Registry,
  claimed: Iterable<number>,
): UnclaimedListener[] {
  const { machine } = registry;
  const end = machine.ephemeralPorts()?.first ?? HIGHEST_PORT + 1;
  const isOwn = ({ uid }: Listener) => uid === machine.uid;
  return search(registry, claimed, (port, sockets) => port < end && sockets.some(isOwn));
}

function search(
  { machine }: Registry,
  claimed: Iterable<number>,
  isMeant: (port: number, sockets: readonly Listener[]) => boolean,
): UnclaimedListener[] {
  const listeners = new ListenerTable(new ProcessTable(machine));
  const known = new Set(claimed);
  const ports = [...listeners.byPort()]
    .filter(([port, sockets]) => !known.has(port) && isMeant(port, sockets))
    .map(([port]) => port)
    .toSorted((a, b) => a - b);
  listeners.search(ports, []);
  return ports.map((port) => ({ port, listeners: listeners.views(port) }));
}
