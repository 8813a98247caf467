import type { Claim, ClaimView } from "./claim.ts";
import type { Registry } from "./registry.ts";
import { Observer } from "./state.ts";
import { readClaims, type Unreadable } from "./store.ts";

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
export function viewOf(observer: Observer, claim: Claim): ClaimView {
  const state = observer.state(claim);
  const bound = state !== "unknown" && observer.sockets.isBound(claim.port);
  return {
    ...claim,
    state,
    age: observer.age(claim),
    listeners: bound ? observer.sockets.views(claim.port) : [],
  };
}

/** Every claim that fits, by port, with what is so now; and the files that can't be understood. */
export function listClaims(
  registry: Registry,
  filter: Filter = {},
): { claims: ClaimView[]; unreadable: Unreadable[] } {
  const { machine, home, config } = registry;
  const contents = readClaims(machine, home);
  const observer = new Observer(machine, config.grace);
  const claims: Claim[] = [];
  for (const { claim } of contents.entries.values()) if (matches(claim, filter)) claims.push(claim);
  claims.sort((a, b) => a.port - b.port);
  searchListeners(observer, claims);
  const views: ClaimView[] = [];
  for (const claim of claims) views.push(viewOf(observer, claim));
  const unreadable = contents.unreadable.size === 0 ? [] : [...contents.unreadable.values()];
  return { claims: views, unreadable: unreadable.toSorted((a, b) => a.port - b.port) };
}

/** Finds who listens on the ports of all claims at once; their owners are looked at first. */
function searchListeners({ sockets }: Observer, claims: readonly Claim[]): void {
  const bound: number[] = [];
  for (const { port } of claims) if (sockets.isBound(port)) bound.push(port);
  if (bound.length === 0) return;
  sockets.search(
    bound,
    claims.map(({ pid }) => pid),
  );
}
