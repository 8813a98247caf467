/**
 * Ports for programs that run on Bun. A claim belongs to this process and ends with it:
 *
 *     import { acquire } from "portclaim";
 *     const { port } = await acquire("web", { prefer: 3000 });
 *
 * The registry is `$PORTCLAIM_HOME`, else `~/.portclaim`, as for the command line.
 */
import { acquire as acquireIn } from "../registry/allocate/acquire.ts";
import { locate } from "../registry/config/checkout.ts";
import { release as releaseIn } from "../registry/maintain/release.ts";
import {
  type Claim,
  type ClaimView,
  type Lease,
  type ListenerView,
  type Owner,
  type State,
  withoutSecrets,
} from "../registry/model/claim.ts";
import { type Reason, RegistryError } from "../registry/model/errors.ts";
import { agentSession, detectAgent } from "../registry/owner/agent.ts";
import { listClaims } from "../registry/query/list.ts";
import { giveBack, thisCall } from "./call.ts";

export { type Claim, type ClaimView, type Lease, type ListenerView, type Owner, type State };
export { type Reason, RegistryError };

/** What {@link acquire} may be told beyond the service. */
export interface AcquireOptions {
  /** Default: the base name of `cwd`. */
  project?: string;
  /** Port to take if it can be had: 1 to 65535. */
  prefer?: number;
  /** Fail rather than take any but the preferred port. */
  exact?: boolean;
  /** Default: the config's for this service, else "ephemeral". */
  lease?: Lease;
  /** Who asks; default: `$PORTCLAIM_AGENT`, else recognised, else `null`. */
  agent?: string | null;
  /** Return the claim that this service has in this project and directory, whoever made it. */
  reuse?: boolean;
  /** Directory on whose behalf the port is claimed; default: the current one. */
  cwd?: string;
}

/** A claim that `await using` gives back at the end of the scope. */
export interface HeldClaim extends Claim, AsyncDisposable {}

/** What {@link release} frees: a port, a service, or all that a project has. */
export type ReleaseTarget = number | { service: string; project?: string } | { project: string };

/** Which claims {@link list} returns; all where nothing is said. */
export interface ListFilter {
  project?: string;
  service?: string;
  agent?: string;
}

/**
 * Claims a port for a service of this process. Throws a {@link RegistryError} whose `reason.code` is
 * "port-taken" (`exact`), "range-exhausted", "invalid", "locked", "config", "unsafe-home" or "network-home".
 */
export async function acquire(service: string, options: AcquireOptions = {}): Promise<HeldClaim> {
  const { registry, caller, cwd } = await thisCall();
  const agent = detectAgent(process.env);
  const session = agentSession(process.env)?.value;
  const request = { agent, session, cwd, ...options, services: [service] };
  const { grants } = await acquireIn(registry, request, caller);
  const [grant] = grants;
  if (grant === undefined) throw new Error("an acquire without a grant");
  const { claim, how } = grant;
  return {
    ...withoutSecrets(claim),
    async [Symbol.asyncDispose]() {
      if (how !== "reused") await giveBack(registry, claim);
    },
  };
}

/**
 * Frees claims and returns them; what listens goes on. Throws a {@link RegistryError}: "not-found",
 * "ambiguous", and without `force` "not-owner": another owner's living claim in another directory.
 */
export async function release(
  target: ReleaseTarget,
  { force = false }: { force?: boolean } = {},
): Promise<Claim[]> {
  const { registry, caller, cwd } = await thisCall();
  const named = typeof target === "number" ? { port: target } : target;
  const here = locate(registry, cwd);
  return (await releaseIn(registry, { target: named, here, force }, caller)).claims;
}

/** Every claim that fits, by port, with its state and what listens on it. */
export async function list(filter: ListFilter = {}): Promise<ClaimView[]> {
  const { registry } = await thisCall();
  return listClaims(registry, filter).claims;
}
