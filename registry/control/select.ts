import type { Here } from "../config/checkout.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import type { PortOrService } from "../query/find.ts";
import { matches, viewClaims } from "../query/list.ts";
import { ambiguous, nearest, notFound, rank } from "../query/scope.ts";
import type { ClaimTable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";

/**
 * The port to stop: the given one, or that of the service's claim. Prefers the only claim of the
 * caller's owner, then the nearest one. Throws a RegistryError: "not-found" or "ambiguous".
 */
export function selectToStop(
  { shared }: Registry,
  snapshot: Snapshot,
  table: ClaimTable,
  target: PortOrService,
  here: Here,
): number {
  if ("port" in target) return target.port;
  const { caller, processes } = snapshot;
  const isOwn = (claim: Claim) =>
    caller !== undefined && isOwnedBy(claim, caller, processes.identity);
  const live = viewClaims(snapshot, table).filter(({ state }) => state !== "dead");
  const named = live.filter((claim) => matches(claim, target));
  const own = rank(named.filter(isOwn), isOwn).winners;
  if (own[0] && own.length === 1) return own[0].port;
  const { winners, ranked } = rank(nearest(named, target, here, shared), isOwn);
  // With two servers in one directory, let the user choose which one to stop.
  const listening = ranked.filter(({ state }) => state === "listening");
  if (listening.length > 1) throw ambiguous(target, listening);
  if (winners.length > 1) throw ambiguous(target, winners);
  if (winners[0]) return winners[0].port;
  throw notFound(
    target,
    named,
    live.map(({ service }) => service),
  );
}
