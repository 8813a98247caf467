import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { viewClaim } from "../query/list.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { endServer } from "./end-server.ts";
import { ServerFinder } from "./server.ts";
import { siblingPorts } from "./siblings.ts";
import { type Candidate, candidatesOn } from "./stop-plan.ts";
import { finishStop, type Stopped } from "./stop.ts";

/** A server that a person has confirmed to stop. */
export interface Confirmed {
  port: number;
  /** The claim that covers it; `undefined` for a listener that no claim covers. */
  claimedAt?: string;
  /** The server's topmost process. */
  pid: number;
  start: string;
}

/**
 * Stops one server, whatever its owner, if it and its claim are still those that the person confirmed.
 * Compares them and sends TERM while it holds the lock. Throws a RegistryError: "not-found",
 * "claimed-anew", "ancestor", "still-running".
 */
export async function stopConfirmed(
  registry: Registry,
  confirmed: Confirmed,
  timeout: number,
): Promise<Stopped> {
  const { port } = confirmed;
  const { claim, view, siblings, ending } = await transact(registry, (transaction) => {
    const snapshot = new Snapshot(registry);
    const finder = new ServerFinder(snapshot, transaction);
    const found = select(finder, confirmed);
    const { server, covered } = found;
    const own = covered ? found.claim : null;
    const ends = new Set(server.listeners.map(({ pid }) => pid));
    const leave = snapshot.listeners.pidsOn(port).pids.filter((pid) => !ends.has(pid));
    return {
      claim: own,
      view: found.claim && viewClaim(snapshot, found.claim),
      siblings: siblingPorts(finder, port, [server]),
      // The first signal is sent before the first wait, and so while the lock is held.
      ending: endServer(registry, own, port, [server], timeout, leave),
    };
  });
  const ended = await ending;
  const rest = await finishStop(registry, claim, port, siblings, ended);
  return { port, claim: view, ended, foreign: [], ...rest };
}

function select(finder: ServerFinder, confirmed: Confirmed): Candidate {
  const { port, claimedAt, pid, start } = confirmed;
  const claim = finder.table.claims.get(port)?.claim;
  if (claimedAt !== undefined && claim?.claimed_at !== claimedAt) {
    const what = claim === undefined ? "is no longer claimed" : "has been claimed again";
    throw new RegistryError(`port ${port} ${what}`, { code: "claimed-anew", port });
  }
  const candidates = candidatesOn(finder, port);
  const found = candidates.find(
    ({ server: { top } }) => top.pid === pid && String(top.start) === start,
  );
  if (found === undefined) {
    const what = `port ${port}`;
    const message = `process ${pid} is no longer the server on ${what}`;
    throw new RegistryError(message, { code: "not-found", what });
  }
  if (found.refusal) throw found.refusal;
  if (found.covered === (claimedAt !== undefined)) return found;
  const message = found.covered
    ? `port ${port} has been claimed for this server`
    : `process ${pid} doesn't belong to the claim on port ${port}`;
  throw new RegistryError(message, { code: "claimed-anew", port });
}
