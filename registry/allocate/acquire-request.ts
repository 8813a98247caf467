import { RegistryError } from "../errors/errors.ts";
import type { Lease } from "../model/claim.ts";
import { validateDirectory } from "../values/directory.ts";
import { validateName } from "../values/name.ts";
import { validatePort } from "../values/port.ts";

/** The arguments of an acquire. */
export interface AcquireRequest {
  /** Each gets a claim, or none does. */
  services: readonly string[];
  /** Default: that of portclaim.toml, else the base name of `cwd`. */
  project?: string;
  /** The directory to claim the ports for, as an absolute path. */
  cwd: string;
  /** The first service's preferred port. */
  prefer?: number;
  /** Refuse any port but the preferred ones. */
  exact?: boolean;
  /** Default: the config's for the service, else "ephemeral". */
  lease?: Lease;
  agent?: string | null;
  /** The agent's session id, which identifies its later processes. */
  session?: string | undefined;
  /** Return an existing claim for the service, project and directory, whatever its owner. */
  reuse?: boolean;
  /** Only reserve the ports, for the next acquire or run of each service. */
  reserve?: boolean;
  /** Claim nothing if the first service's server already runs in its checkout. */
  unlessRunning?: boolean;
  /** The marks of the `run` commands around this call, whose claims it takes over. */
  marks?: readonly string[];
}

/** Throws a RegistryError ("invalid") that names the first invalid value of a request. */
export function checkRequest(asked: AcquireRequest): void {
  const { services, cwd, prefer, lease, agent, project } = asked;
  if (services.length === 0) throw invalid("service", "missing service");
  validateDirectory(cwd);
  if (prefer !== undefined) validatePort("prefer", prefer);
  if (lease !== undefined && lease !== "ephemeral" && lease !== "persistent") {
    const value = JSON.stringify(lease);
    throw invalid("lease", `not a lease: ${value}; expected "ephemeral" or "persistent"`);
  }
  for (const what of ["exact", "reuse"] as const) {
    const value: unknown = asked[what];
    if (value !== undefined && typeof value !== "boolean") {
      throw invalid(what, `${what} is not true or false: ${JSON.stringify(value)}`);
    }
  }
  if (agent !== undefined && agent !== null) validateName("agent", agent);
  if (project !== undefined) validateName("project", project);
  for (const service of services) validateName("service", service);
}

export function invalid(what: string, message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what });
}
