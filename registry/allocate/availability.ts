import type { Range } from "../config/config.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Caller } from "../owner/caller.ts";
import type { ClaimTable, Entry } from "../store/claims.ts";
import { contains, type PortAvailability } from "./choose-port.ts";

/** The world as a choice sees it; a port in `granted` was given away a moment ago. */
export function availabilityFor(
  snapshot: Snapshot,
  { entries, unreadable }: ClaimTable,
  caller: Caller,
  granted: ReadonlySet<number>,
): PortAvailability {
  const isFreeGame = ({ claim }: Entry) =>
    claim.lease === "ephemeral" && !granted.has(claim.port) && snapshot.state(claim) === "idle";
  return {
    isClaimed: (port) => entries.has(port) || unreadable.has(port),
    idleOn(port) {
      const entry = entries.get(port);
      return entry && isFreeGame(entry) ? entry.claim : undefined;
    },
    isOwners: (port) => listensAlready(snapshot, caller, port),
    idleIn: (range: Range) =>
      [...entries.values()]
        .filter((entry) => contains(range, entry.claim.port) && isFreeGame(entry))
        .map(({ claim }) => claim)
        .toSorted((a, b) => snapshot.age(b) - snapshot.age(a)),
    probe: (port) => snapshot.machine.probe(port),
  };
}

/** With `--pid`, a server that runs already can be entered: its own port is no stranger's. */
function listensAlready({ listeners, processes }: Snapshot, caller: Caller, port: number): boolean {
  if (!caller.named || !listeners.isBound(port)) return false;
  const { pids, hidden } = listeners.pidsOn(port, [caller.owner.pid]);
  return (
    !hidden && pids.length > 0 && pids.every((pid) => processes.descendsFrom(pid, caller.owner.pid))
  );
}
