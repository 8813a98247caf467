import type { ClaimView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import type { Registry } from "../store/registry.ts";
import { listClaims } from "./list.ts";

export interface FindRequest {
  service?: string;
  project?: string;
  /** The caller's directory: its own claims come first. */
  cwd: string;
}

/**
 * Finds the claims that a name means: not dead, those of the caller's directory first, then of its
 * project, then the newest. Throws a RegistryError ("not-found") if there is none.
 */
export function findClaims(
  registry: Registry,
  request: FindRequest,
  projectHere: string,
): { best: ClaimView; others: ClaimView[] } {
  const { service, project, cwd } = request;
  const { claims } = listClaims(registry, {
    ...(service !== undefined && { service }),
    ...(project !== undefined && { project }),
  });
  const rank = (claim: ClaimView) =>
    Number(claim.cwd === cwd) * 2 + Number(claim.project === projectHere);
  const [best, ...others] = claims
    .filter(({ state }) => state !== "dead")
    .toSorted((a, b) => rank(b) - rank(a) || (a.claimed_at < b.claimed_at ? 1 : -1));
  if (best) return { best, others };
  const named = [service && `service "${service}"`, project && `project "${project}"`];
  const what = named.filter(Boolean).join(" in ");
  const choices = [...new Set(listClaims(registry).claims.map((claim) => claim.service))];
  throw new RegistryError(`Cannot find ${what}: no claim fits`, {
    code: "not-found",
    what,
    choices,
  });
}
