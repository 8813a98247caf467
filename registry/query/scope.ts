import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Claim, ClaimView, State } from "../model/claim.ts";
import { matches } from "./list.ts";

/** How a claim is named: by service, project or both, optionally narrowed by `agent`. */
export interface Named {
  service?: string | undefined;
  project?: string | undefined;
  agent?: string | undefined;
}

/** 'service "web" in project "shop"' */
export function describeName({ service, project }: Named): string {
  const parts = [service && `service "${service}"`, project && `project "${project}"`];
  return parts.filter(Boolean).join(" in ");
}

/** Who resolves a name, and where. */
export interface Seeker {
  here: Here;
  /** Directories that many projects share. */
  shared: ReadonlySet<string>;
  /** Whether the caller's owner owns a claim. */
  isOwn: (claim: Claim) => boolean;
}

/**
 * The claims in the nearest scope that has any: the directory, then its checkout, then the project if
 * one is named. Never those in another checkout of the same repository.
 */
export function nearest<T extends Claim>(
  claims: readonly T[],
  { project }: Named,
  { here, shared }: Omit<Seeker, "isOwn">,
): T[] {
  const { cwd, checkout } = here;
  const inDirectory = shared.has(cwd) ? [] : claims.filter((claim) => claim.cwd === cwd);
  if (inDirectory.length > 0) return inDirectory;
  const root = checkout?.root;
  const inCheckout = root === undefined ? [] : claims.filter((claim) => claim.root === root);
  if (inCheckout.length > 0) return inCheckout;
  if (project === undefined) return [];
  return claims.filter((claim) => claim.project === project && !isInSibling(claim, here));
}

/**
 * The likeliest of the nearest claims, and the others in its directory, likeliest first. Throws a
 * RegistryError ("ambiguous") if claims in two directories are equally near.
 */
export function likeliest(
  claims: readonly ClaimView[],
  named: Named,
  seeker: Seeker,
): { best?: ClaimView; others: ClaimView[] } {
  const { winners, ranked } = rank(nearest(claims, named, seeker), seeker.isOwn);
  if (winners.length > 1) throw ambiguous(named, winners);
  const [best, ...others] = ranked;
  return { ...(best && { best }), others };
}

/**
 * The claim to stop or release: the only one of the caller's owner, in any directory; else the only one
 * in the nearest scope; else a dead one there. Throws a RegistryError: "not-found" or "ambiguous".
 */
export function onlyMatch(
  all: readonly Claim[],
  named: Named,
  seeker: Seeker,
  isDead: (claim: Claim) => boolean,
): Claim {
  const live = all.filter((claim) => !isDead(claim));
  const matching = live.filter((claim) => matches(claim, named));
  const own = matching.filter(seeker.isOwn);
  if (own[0] && own.length === 1) return own[0];
  const near = nearest(matching, named, seeker);
  if (near.length > 1) throw ambiguous(named, near);
  const dead = nearest(
    all.filter((claim) => matches(claim, named)),
    named,
    seeker,
  );
  const found = near[0] ?? dead.toSorted((a, b) => a.port - b.port)[0];
  if (found) return found;
  throw notFound(
    named,
    matching,
    live.map(({ service }) => service),
  );
}

/** Whether a claim is of this checkout, or of this directory unless many projects share it. */
export function isHere(
  claim: Claim,
  { cwd, checkout }: Pick<Here, "cwd" | "checkout">,
  shared: ReadonlySet<string>,
): boolean {
  if (claim.cwd === cwd && !shared.has(cwd)) return true;
  return claim.root !== undefined && claim.root === checkout?.root;
}

/** Whether a claim belongs to another checkout of the repository that the call is made in. */
export function isInSibling({ root, repository }: Claim, { checkout }: Here): boolean {
  if (checkout === undefined || root === undefined || root === checkout.root) return false;
  return (repository ?? root) === (checkout.repository ?? checkout.root);
}

/** Ranks several claims in one directory by state: the lower, the likelier. A server elsewhere listens. */
const RANKS: Record<State, number> = {
  listening: 0,
  starting: 1,
  idle: 2,
  occupied: 3,
  orphaned: 4,
  unknown: 5,
  dead: 6,
};

/**
 * The likeliest claim in each directory, and all claims ordered by likelihood: by state, then the
 * caller's own, then the newest.
 */
export function rank(
  claims: readonly ClaimView[],
  isOwn: (claim: Claim) => boolean,
): { winners: ClaimView[]; ranked: ClaimView[] } {
  const rankOf = ({ state, elsewhere }: ClaimView) => RANKS[elsewhere ? "listening" : state];
  const ranked = claims.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      Number(isOwn(b)) - Number(isOwn(a)) ||
      (a.claimed_at < b.claimed_at ? 1 : -1),
  );
  const winners = ranked.filter(
    (claim, i) => ranked.findIndex((other) => other.cwd === claim.cwd) === i,
  );
  return { winners, ranked };
}

/** '3000 (web in shop, listening, /home/me/shop)' */
export function describeCandidate(claim: Claim & { state?: State }): string {
  const { port, service, project, state, cwd } = claim;
  const facts = [`${service} in ${project}`, state, cwd].filter((fact) => fact !== undefined);
  return `${port} (${facts.join(", ")})`;
}

export function ambiguous(named: Named, claims: readonly Claim[]): RegistryError {
  const what = describeName(named);
  const choices = claims.toSorted((a, b) => a.port - b.port).map(describeCandidate);
  const which = what === "" ? "several servers here" : `several claims match ${what}`;
  const message = `${which}: ${choices.join("; ")}`;
  const sameDirectory = new Set(claims.map(({ cwd }) => cwd)).size === 1;
  return new RegistryError(message, { code: "ambiguous", what, choices, sameDirectory });
}

/** `others` are claims that match elsewhere, `services` what there is instead. */
export function notFound(
  named: Named,
  others: readonly Claim[],
  services: Iterable<string>,
): RegistryError {
  const what = describeName(named);
  if (others.length === 0) {
    const choices = [...new Set(services)].toSorted();
    const message = what === "" ? "no server is claimed here" : `no claim for ${what}`;
    return new RegistryError(message, { code: "not-found", what, choices });
  }
  const elsewhere = others.toSorted((a, b) => a.port - b.port).map(describeCandidate);
  const message = `no claim for ${what} here; elsewhere: ${elsewhere.join("; ")}`;
  return new RegistryError(message, { code: "not-found", what });
}
