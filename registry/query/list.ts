import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, type ClaimView, withoutSecrets } from "../model/claim.ts";
import { ClaimStore, type ClaimTable, type Unreadable } from "../store/claims.ts";
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

/** A claim with its state and what listens on its port. */
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

/** Every claim that matches, by port, as it stands now; and the claim files that can't be read. */
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
 * Every claim that matches, by port, as the snapshot shows it. `settled`: seconds after which a
 * server is said to listen elsewhere.
 */
export function viewClaims(
  snapshot: Snapshot,
  table: ClaimTable,
  filter: Filter = {},
  settled?: number,
): ClaimView[] {
  const all = Array.from(table.claims.values(), ({ claim }) => claim);
  const claims = all.filter((claim) => matches(claim, filter)).toSorted(byPort);
  findListeners(snapshot, claims);
  const views = claims.map((claim) => viewClaim(snapshot, claim));
  const isClaimed = (port: number) => table.claims.has(port) || table.unreadable.has(port);
  const elsewhere = findElsewhere(snapshot, all, isClaimed, settled);
  if (elsewhere.size === 0) return views;
  return views.map((view) => {
    const found = elsewhere.get(view.port);
    return found ? { ...view, elsewhere: found } : view;
  });
}

/** Finds what listens on the ports of all claims in one search, which looks at their owners first. */
function findListeners({ listeners }: Snapshot, claims: readonly Claim[]): void {
  const bound = claims.map(({ port }) => port).filter((port) => listeners.isBound(port));
  if (bound.length === 0) return;
  listeners.search(
    bound,
    claims.map(({ pid }) => pid),
  );
}
