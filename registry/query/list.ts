import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import { ClaimStore, type Unreadable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";

export interface Filter {
  project?: string;
  service?: string;
  agent?: string;
}

function matches(claim: Claim, { project, service, agent }: Filter): boolean {
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
  return {
    ...claim,
    state,
    age: snapshot.age(claim),
    listeners: bound ? snapshot.listeners.views(claim.port) : [],
  };
}

const byPort = (a: { port: number }, b: { port: number }) => a.port - b.port;

/** Every claim that matches, by port, as it stands now; and the claim files that can't be read. */
export function listClaims(
  { machine, home, config }: Registry,
  filter: Filter = {},
): { claims: ClaimView[]; unreadable: Unreadable[] } {
  const table = new ClaimStore(machine, home).readAll();
  const snapshot = new Snapshot(machine, config.grace);
  const claims: Claim[] = [];
  for (const { claim } of table.claims.values()) if (matches(claim, filter)) claims.push(claim);
  claims.sort(byPort);
  findListeners(snapshot, claims);
  return {
    claims: claims.map((claim) => viewClaim(snapshot, claim)),
    unreadable: [...table.unreadable.values()].toSorted(byPort),
  };
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
