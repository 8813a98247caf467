import type { Claim, ClaimView } from "./claim.ts";
import type { Registry } from "./registry.ts";
import { Observer } from "./state.ts";
import { readClaims, type Unreadable } from "./store.ts";

export interface Filter {
  project?: string;
  service?: string;
  agent?: string;
}

function matches(claim: Claim, filter: Filter): boolean {
  return (["project", "service", "agent"] as const).every(
    (key) => filter[key] === undefined || claim[key] === filter[key],
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
  const claims = [...contents.entries.values()]
    .map(({ claim }) => claim)
    .filter((claim) => matches(claim, filter))
    .toSorted((a, b) => a.port - b.port);
  const bound = claims.map(({ port }) => port).filter((port) => observer.sockets.isBound(port));
  observer.sockets.search(
    bound,
    claims.map(({ pid }) => pid),
  );
  return {
    claims: claims.map((claim) => viewOf(observer, claim)),
    unreadable: [...contents.unreadable.values()].toSorted((a, b) => a.port - b.port),
  };
}
