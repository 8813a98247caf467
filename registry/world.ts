import { contains, type World } from "./choose.ts";
import type { Range } from "./config.ts";
import type { Caller } from "./owner.ts";
import type { Observer } from "./state.ts";
import type { Contents, Entry } from "./store.ts";

/** The world as a choice sees it; a port in `granted` was given away a moment ago. */
export function worldFor(
  observer: Observer,
  { entries, unreadable }: Contents,
  caller: Caller,
  granted: ReadonlySet<number>,
): World {
  const isFreeGame = ({ claim }: Entry) =>
    claim.lease === "ephemeral" && !granted.has(claim.port) && observer.state(claim) === "idle";
  return {
    isClaimed: (port) => entries.has(port) || unreadable.has(port),
    idleOn(port) {
      const entry = entries.get(port);
      return entry && isFreeGame(entry) ? entry.claim : undefined;
    },
    isOwners: (port) => listensAlready(observer, caller, port),
    idleIn: (range: Range) =>
      [...entries.values()]
        .filter((entry) => contains(range, entry.claim.port) && isFreeGame(entry))
        .map(({ claim }) => claim)
        .toSorted((a, b) => observer.age(b) - observer.age(a)),
    probe: (port) => observer.machine.probe(port),
  };
}

/** With `--pid`, a server that runs already can be entered: its own port is no stranger's. */
function listensAlready({ sockets, census }: Observer, caller: Caller, port: number): boolean {
  if (!caller.named || !sockets.isBound(port)) return false;
  const { pids, hidden } = sockets.pidsOn(port, [caller.owner.pid]);
  return (
    !hidden && pids.length > 0 && pids.every((pid) => census.descendsFrom(pid, caller.owner.pid))
  );
}
