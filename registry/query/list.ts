import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import { readClaims, type Unreadable } from "../store/claims.ts";
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

/** A claim with what is so now. */
export function viewOf(snapshot: Snapshot, claim: Claim): ClaimView {
  const state = snapshot.state(claim);
  const bound = state !== "unknown" && snapshot.listeners.isBound(claim.port);
  return {
    ...claim,
    state,
    age: snapshot.age(claim),
    listeners: bound ? snapshot.listeners.views(claim.port) : [],
  };
}

/** Every claim that fits, by port, with what is so now; and the files that can't be understood. */
export function listClaims(
  registry: Registry,
  filter: Filter = {},
): { claims: ClaimView[]; unreadable: Unreadable[] } {
  const { machine, home, config } = registry;
  const contents = readClaims(machine, home);
  const snapshot = new Snapshot(machine, config.grace);
  const claims: Claim[] = [];
  for (const { claim } of contents.entries.values()) if (matches(claim, filter)) claims.push(claim);
  claims.sort((a, b) => a.port - b.port);
  searchListeners(snapshot, claims);
  const views: ClaimView[] = [];
  for (const claim of claims) views.push(viewOf(snapshot, claim));
  const unreadable = contents.unreadable.size === 0 ? [] : [...contents.unreadable.values()];
  return { claims: views, unreadable: unreadable.toSorted((a, b) => a.port - b.port) };
}

/** Finds who listens on the ports of all claims at once; their owners are looked at first. */
function searchListeners({ listeners: sockets }: Snapshot, claims: readonly Claim[]): void {
  const bound: number[] = [];
  for (const { port } of claims) if (sockets.isBound(port)) bound.push(port);
  if (bound.length === 0) return;
  sockets.search(
    bound,
    claims.map(({ pid }) => pid),
  );
}
