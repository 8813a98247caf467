import type { Registry } from "../store/registry.ts";
import type { Server } from "./end-server.ts";
import type { ServerFinder } from "./server.ts";

/** Seconds in which a supervisor ends its other servers after one has exited. */
const REACTION = 1;
/** Milliseconds between checks. */
const PAUSE = 20;

/**
 * The other claimed ports whose servers share a process or a supervisor with these servers, and so may
 * end with them.
 */
export function siblingPorts(
  finder: ServerFinder,
  port: number,
  servers: readonly Server[],
): number[] {
  const { listeners, processes } = finder.snapshot;
  const roots = servers.flatMap(({ top }) => {
    const parent = processes.process(top.parent);
    const isSupervisor = parent && parent.pid > 1 && finder.protection(parent) === undefined;
    return isSupervisor ? [top.pid, parent.pid] : [top.pid];
  });
  const isBelow = (pid: number) => roots.some((root) => processes.descendsFrom(pid, root));
  return [...finder.table.claims.values()]
    .filter(({ claim }) => {
      if (claim.port === port || !listeners.isBound(claim.port)) return false;
      const { pids } = listeners.pidsOn(claim.port);
      return pids.some((pid) => isBelow(pid) && !finder.snapshot.isForeign(claim, pid));
    })
    .map(({ claim }) => claim.port);
}

/** The ports among these on which nothing listens any more, once a supervisor had time to react. */
export async function freedPorts({ machine }: Registry, ports: number[]): Promise<number[]> {
  const deadline = machine.monotonic() + REACTION;
  for (;;) {
    const bound = new Set(ports.length === 0 ? [] : machine.listeners().map((one) => one.port));
    const freed = ports.filter((port) => !bound.has(port));
    if (freed.length === ports.length || machine.monotonic() >= deadline) return freed;
    await Bun.sleep(PAUSE);
  }
}
