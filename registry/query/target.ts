import type { ClaimView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import type { Registry } from "../store/registry.ts";
import { findClaims } from "./find.ts";

/** A port, or the service whose port is meant. */
export type PortOrService = { port: number } | { service: string; project?: string };

export interface Here {
  cwd: string;
  project: string;
}

/** The port that is meant: itself, or that of the claim of a service. Throws "not-found". */
export function resolvePort(registry: Registry, target: PortOrService, here: Here): number {
  if ("port" in target) return target.port;
  return resolveClaim(registry, target, here).port;
}

function resolveClaim(
  registry: Registry,
  target: { service: string; project?: string },
  { cwd, project }: Here,
): ClaimView {
  return findClaims(registry, { ...target, cwd }, project).best;
}

/** The same; nobody's claim is no error but `undefined`. */
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
