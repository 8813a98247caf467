import type { Server } from "./known.ts";
import { holds, listening } from "./machine.ts";
import type { Town } from "./town.ts";

/** The process that listens for a server: a supervisor's changes. */
export function listenerOf(town: Town, { id, port }: Server): number | undefined {
  const pid = town.upOf(id)?.pid;
  const sockets = listening().get(port);
  return pid !== undefined && sockets && holds(pid, sockets) ? pid : undefined;
}
