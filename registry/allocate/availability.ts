import type { Range } from "../config/config.ts";
import { contains } from "../config/pool.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Caller } from "../owner/caller.ts";
import type { Entry } from "../store/claims.ts";
import type { PortHistory } from "../store/port-history.ts";
import type { Transaction } from "../store/transaction.ts";
import type { PortAvailability } from "./choose-port.ts";
import type { PortRequest } from "./request.ts";

/** Which ports are available to the caller. `granted` are those already allocated in this call. */
export function availabilityFor(
  snapshot: Snapshot,
  { claims, unreadable }: Transaction,
  history: PortHistory,
  request: PortRequest,
  caller: Caller,
  granted: ReadonlySet<number>,
): PortAvailability {
  const isReclaimable = ({ claim }: Entry) =>
    claim.lease === "ephemeral" && !granted.has(claim.port) && snapshot.state(claim) === "idle";
  return {
    isClaimed: (port) => claims.has(port) || unreadable.has(port),
    idleOn(port) {
      const entry = claims.get(port);
      return entry && isReclaimable(entry) ? entry.claim : undefined;
    },
    isAnothers: (port) => history.isAnothers(port, request),
    isOwners: (port) => listensAlready(snapshot, caller, port),
    idleIn: (range: Range) =>
      [...claims.values()]
        .filter((entry) => contains(range, entry.claim.port) && isReclaimable(entry))
        .map(({ claim }) => claim)
        .toSorted((a, b) => snapshot.age(b) - snapshot.age(a)),
    probe: (port) => snapshot.machine.probe(port),
  };
}

/** With `--pid`, a running server can claim the port that it already listens on. */
function listensAlready(
  { listeners, processes }: Snapshot,
  { named, owner }: Caller,
  port: number,
): boolean {
  if (!named || !listeners.isBound(port)) return false;
  const { pids, hidden } = listeners.pidsOn(port, [owner.pid]);
  return !hidden && pids.length > 0 && pids.every((pid) => processes.descendsFrom(pid, owner.pid));
}
