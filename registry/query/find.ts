import type { ClaimView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import type { Registry } from "../store/registry.ts";
import { listClaims } from "./list.ts";

/** Where a call is made. */
export interface Here {
  cwd: string;
  project: string;
}

/** A service, a project, or both. */
export interface Named {
  service?: string;
  project?: string;
}

/** A port, or the service whose port is meant. */
export type PortOrService = { port: number } | { service: string; project?: string };

/**
 * Finds the claims of a name: none that are dead, those of the caller's directory first, then those
 * of its project, then the newest. Throws a RegistryError ("not-found") if there is none.
 */
export function findClaims(
  registry: Registry,
  named: Named,
  here: Here,
): { best: ClaimView; others: ClaimView[] } {
  const rank = (claim: ClaimView) =>
    Number(claim.cwd === here.cwd) * 2 + Number(claim.project === here.project);
  const [best, ...others] = listClaims(registry, named)
    .claims.filter(({ state }) => state !== "dead")
    .toSorted((a, b) => rank(b) - rank(a) || (a.claimed_at < b.claimed_at ? 1 : -1));
  if (best) return { best, others };
  const what = describeName(named);
  const choices = [...new Set(listClaims(registry).claims.map(({ service }) => service))];
  throw new RegistryError(`no claim for ${what}`, { code: "not-found", what, choices });
}

/** 'service "web" in project "shop"' */
function describeName({ service, project }: Named): string {
  const parts = [service && `service "${service}"`, project && `project "${project}"`];
  return parts.filter(Boolean).join(" in ");
}

/** The port that is meant: itself, or that of the service's claim. Throws a RegistryError ("not-found"). */
export function resolvePort(registry: Registry, target: PortOrService, here: Here): number {
  return "port" in target ? target.port : findClaims(registry, target, here).best.port;
}

/** The same; `undefined` where no port is claimed for the service. */
export function findPort(
  registry: Registry,
  target: PortOrService,
  here: Here,
): number | undefined {
  try {
    return resolvePort(registry, target, here);
  } catch (error) {
    if (error instanceof RegistryError && error.reason.code === "not-found") return undefined;
    throw error;
  }
}
