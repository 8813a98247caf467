import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { matches, viewClaims } from "./list.ts";
import { ambiguous, isInSibling, likeliest, type Named, notFound } from "./scope.ts";

/** A port, or a service that stands for its port. */
export type PortOrService = { port: number } | { service: string; project?: string };

export interface FindOptions {
  /** Where to look: "machine" also accepts a match elsewhere if it is the only one. */
  reach: "checkout" | "machine";
  /** Only called if two claims in one directory are equally likely. */
  caller?: () => Caller | undefined;
}

export interface Found {
  best: ClaimView;
  /** Other matching claims in the same directory, likeliest first. */
  others: ClaimView[];
  /** Whether it is in another directory and checkout, as the only match on the machine. */
  isElsewhere: boolean;
}

/**
 * Finds the claim that a name refers to. Throws a RegistryError: "not-found", or "ambiguous" if claims
 * in two directories are equally near.
 */
export function findClaim(
  registry: Registry,
  named: Named,
  here: Here,
  options: FindOptions,
): Found {
  const snapshot = new Snapshot(registry);
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const live = viewClaims(snapshot, table).filter(({ state }) => state !== "dead");
  const candidates = live.filter((claim) => matches(claim, named));
  const isOwn = ownTest(snapshot, options.caller);
  const found = likeliest(candidates, named, { here, shared: registry.shared, isOwn });
  if (found.best) return { best: found.best, others: found.others, isElsewhere: false };
  if (options.reach === "machine") {
    const [only, ...more] = candidates.filter((claim) => !isInSibling(claim, here));
    if (only && more.length > 0) throw ambiguous(named, [only, ...more]);
    if (only) return { best: only, others: [], isElsewhere: true };
  }
  throw notFound(
    named,
    candidates,
    live.map(({ service }) => service),
  );
}

function ownTest({ processes }: Snapshot, caller: FindOptions["caller"]) {
  let found: Caller | undefined;
  let isKnown = false;
  return (claim: Claim) => {
    if (!isKnown) found = caller?.();
    isKnown = true;
    return found !== undefined && isOwnedBy(claim, found, processes.identity);
  };
}

/** The given port, or the one in the service's claim. Throws like {@link findClaim}. */
export function resolvePort(
  registry: Registry,
  target: PortOrService,
  here: Here,
  options: FindOptions,
): number {
  return "port" in target ? target.port : findClaim(registry, target, here, options).best.port;
}

/** Like {@link resolvePort}, but `undefined` if no port is claimed for the service. */
export function findPort(
  registry: Registry,
  target: PortOrService,
  here: Here,
  options: FindOptions,
): number | undefined {
  try {
    return resolvePort(registry, target, here, options);
  } catch (error) {
    if (error instanceof RegistryError && error.reason.code === "not-found") return undefined;
    throw error;
  }
}
