import type { Checkout } from "../config/checkout.ts";
import type { Config } from "../config/config.ts";
import { preferredPort } from "../config/pool.ts";
import { isPort, type Lease } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { projectName, validateName } from "../model/name.ts";

/** What an acquire asks for. */
export interface AcquireRequest {
  /** One claim each: all of them or none. */
  services: readonly string[];
  /** Default: the base name of `cwd`. */
  project?: string;
  /** The absolute path of the directory that the ports are claimed for. */
  cwd: string;
  /** The port that the first service prefers. */
  prefer?: number;
  /** Refuse any port but the preferred ones. */
  exact?: boolean;
  /** Default: the config's for the service, else "ephemeral". */
  lease?: Lease;
  agent?: string | null;
  /** The id of the agent's session, by which its later processes are known. */
  session?: string | undefined;
  /** Return the existing claim of that service, project and directory, whatever its owner. */
  reuse?: boolean;
}

/** The port that one service asks for, with everything worked out and validated. */
export interface PortRequest {
  service: string;
  project: string;
  cwd: string;
  agent: string | null;
  lease: Lease;
  /** The checkout that `cwd` lies in, and its repository, as a claim has them. */
  root?: string;
  repository?: string;
  preferred?: number;
  /** The port that is kept for the main checkout, where this is a linked worktree. */
  kept?: number;
  /** Where to start looking, if no port is preferred. */
  near?: number;
  /** No port but the preferred one will do. */
  exact: boolean;
  reuse: boolean;
  /** The id of the agent's session. */
  session?: string;
}

/** Characters. A shorter id of a session could be another variable's value by chance. */
const MIN_SESSION_LENGTH = 8;

/** Works out what each service asks for. Throws a RegistryError ("invalid") that names the value. */
export function resolveRequest(
  config: Config,
  asked: AcquireRequest,
  checkout: Checkout | undefined,
): PortRequest[] {
  const { cwd, prefer, lease, agent = null, session, exact = false, reuse = false } = asked;
  if (asked.services.length === 0) throw invalid("service", "missing service");
  if (!cwd.startsWith("/")) throw invalid("cwd", `not an absolute path: ${JSON.stringify(cwd)}`);
  if (prefer !== undefined && !isPort(prefer)) {
    throw invalid("prefer", `not a port: ${prefer}; expected a number from 1 to 65535`);
  }
  if (lease !== undefined && lease !== "ephemeral" && lease !== "persistent") {
    const value = JSON.stringify(lease);
    throw invalid("lease", `not a lease: ${value}; expected "ephemeral" or "persistent"`);
  }
  if (agent !== null) validateName("agent", agent);
  const project = validateName("project", asked.project ?? projectName(cwd));
  const first = preferredPort(config, project, asked.services[0] ?? "", prefer);
  if (exact && first === undefined) throw invalid("exact", "exact needs a preferred port");
  return asked.services.map((service, i) => {
    validateName("service", service);
    const settings = config.services.get(service);
    // A project prefers one port, which its first service gets; the others follow it.
    const preferred = i === 0 ? first : settings?.port;
    const start = preferred ?? first;
    // The preferences of a config are the main checkout's; prefer and exact ask for the port itself.
    const isAsked = exact || (i === 0 && prefer !== undefined);
    const isKept = checkout?.linked === true && !isAsked;
    return {
      service,
      project,
      cwd,
      agent,
      lease: lease ?? settings?.lease ?? "ephemeral",
      exact: exact && preferred !== undefined,
      reuse,
      ...(session !== undefined && session.length >= MIN_SESSION_LENGTH && { session }),
      ...(checkout && { root: checkout.root }),
      ...(checkout?.repository !== undefined && { repository: checkout.repository }),
      ...(preferred !== undefined && (isKept ? { kept: preferred } : { preferred })),
      ...(start !== undefined && { near: start }),
    };
  });
}

function invalid(what: string, message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what });
}
