import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, type ClaimView, withoutSecrets } from "../model/claim.ts";
import { claimsIn, ClaimStore, type ClaimTable, type Unreadable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { findElsewhere } from "./elsewhere.ts";

export interface Filter {
  project?: string | undefined;
  service?: string | undefined;
  agent?: string | undefined;
}

export function matches(claim: Claim, { project, service, agent }: Filter): boolean {
  return (
    (project === undefined || claim.project === project) &&
    (service === undefined || claim.service === service) &&
    (agent === undefined || claim.agent === agent)
  );
}

/** A claim with its state and its port's listeners. */
export function viewClaim(snapshot: Snapshot, claim: Claim): ClaimView {
  const state = snapshot.state(claim);
  const bound = state !== "unknown" && snapshot.listeners.isBound(claim.port);
  const listeners = bound ? snapshot.listeners.views(claim.port) : [];
  const foreign = listeners.filter(({ pid }) => pid !== null && snapshot.isForeign(claim, pid));
  return {
    ...withoutSecrets(claim),
    state,
    age: snapshot.age(claim),
    listeners,
    ...(foreign.length > 0 && { foreign }),
  };
}

const byPort = (a: { port: number }, b: { port: number }) => a.port - b.port;

/** Every matching claim with its current state, by port, and the unreadable claim files. */
export function listClaims(
  registry: Registry,
  filter: Filter = {},
): { claims: ClaimView[]; unreadable: Unreadable[] } {
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  return {
    claims: viewClaims(new Snapshot(registry), table, filter),
    unreadable: [...table.unreadable.values()].toSorted(byPort),
  };
}

/**
 * Every matching claim, by port, as of the snapshot. `settled`: seconds after which a server is
 * reported to listen elsewhere.
 */
export function viewClaims(
  snapshot: Snapshot,
  table: ClaimTable,
  filter: Filter = {},
  settled?: number,
): ClaimView[] {
  const all = claimsIn(table);
  const claims = all.filter((claim) => matches(claim, filter)).toSorted(byPort);
  findListeners(snapshot, claims);
  const views = claims.map((claim) => viewClaim(snapshot, claim));
  // A server may have moved on to a port that is claimed for another one.
  const isClaimed = (port: number) => {
    const claim = table.claims.get(port)?.claim;
    if (claim === undefined) return table.unreadable.has(port);
    return snapshot.state(claim) !== "occupied";
  };
  const elsewhere = findElsewhere(snapshot, all, isClaimed, settled);
  if (elsewhere.size === 0) return views;
  return views.map((view) => {
    const found = elsewhere.get(view.port);
    return found ? { ...view, elsewhere: found } : view;
  });
}

/** Finds the listeners on all claimed ports in one search, trying the claims' owners first. */
function findListeners({ listeners }: Snapshot, claims: readonly Claim[]): void {
  const bound = claims.map(({ port }) => port).filter((port) => listeners.isBound(port));
  if (bound.length === 0) return;
  listeners.search(
    bound,
    claims.map(({ pid }) => pid),
  );
}
