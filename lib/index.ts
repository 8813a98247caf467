/**
 * Ports for programs that run on Bun. A claim belongs to this process and ends when it exits:
 *
 *     import { acquire } from "portclaim";
 *     const { port } = await acquire("web", { prefer: 3000 });
 *
 * The registry is `$PORTCLAIM_HOME`, else `~/.portclaim`, the same as the command line's.
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
import { openContext, removeIfSame } from "./context.ts";

export { type Claim, type ClaimView, type Lease, type ListenerView, type Owner, type State };
export { type Reason, RegistryError };

/** Options of {@link acquire}. */
export interface AcquireOptions {
  /** Default: the base name of `cwd`. */
  project?: string;
  /** The port to claim if it is free, from 1 to 65535. Default: the config's, else any free port of the pool. */
  prefer?: number;
  /** Fail rather than claim any other port than the preferred one. */
  exact?: boolean;
  /** Default: the config's for this service, else "ephemeral". */
  lease?: Lease;
  /** The agent that the claim is shown with. Default: `$PORTCLAIM_AGENT`, else a detected one, else `null`. */
  agent?: string | null;
  /** Return the service's existing claim in this directory or checkout, whatever its owner. */
  reuse?: boolean;
  /** The absolute directory that the port is claimed for. Default: the current one. */
  cwd?: string;
}

/** A claim that `await using` releases at the end of its scope. */
export interface HeldClaim extends Claim, AsyncDisposable {}

/** The claims that {@link release} removes: of a port, of a service, or of a whole project. */
export type ReleaseTarget = number | { service: string; project?: string } | { project: string };

/** Which claims {@link list} returns: those that match every field that is given. */
export interface ListFilter {
  project?: string;
  service?: string;
  agent?: string;
}

/**
 * Claims a port for a service of this process. A claim that was only reused isn't released at the end of a scope.
 *
 * Throws a {@link RegistryError}, whose `reason.code` is one of:
 * - `"port-taken"`: with `exact`, the preferred port isn't free; `reason.by` says what uses it.
 * - `"range-exhausted"`: no port in `reason.ranges` is free.
 * - `"ambiguous"`: with `reuse`, several claims match equally well; `reason.choices` lists them.
 * - `"invalid"`: an option, the service, or `$PORTCLAIM_LOCK_TIMEOUT` is invalid; `reason.what` says which.
 * - `"locked"`: another process kept the registry's lock for longer than `$PORTCLAIM_LOCK_TIMEOUT` (5s).
 * - `"config"`: config.toml is invalid; `reason.path` and `reason.line` say where.
 * - `"no-home"`, `"unsafe-home"`, `"network-home"`: the registry's directory can't be used.
 *
 * Other errors are the operating system's, with its code in `code` (`ENOSPC`, `EACCES`).
 */
export async function acquire(service: string, options: AcquireOptions = {}): Promise<HeldClaim> {
  const context = await openContext();
  const { registry, caller, cwd } = context;
  const agent = detectAgent(process.env);
  const session = agentSession(process.env)?.value;
  const request = { agent, session, cwd, ...options, services: [service] };
  const { grants } = await acquireIn(registry, request, caller);
  const [grant] = grants;
  if (grant === undefined) throw new Error("acquire returned no claim");
  const { claim, how } = grant;
  return {
    ...withoutSecrets(claim),
    async [Symbol.asyncDispose]() {
      if (how !== "reused") await removeIfSame(context, claim);
    },
  };
}

/** list and release choose no port, so that a broken config doesn't stop them. */
const useDefaults = () => {};

/**
 * Removes claims and returns them. Servers that listen on their ports keep running.
 *
 * Throws a {@link RegistryError}: `"not-found"`, `"ambiguous"`, `"unreadable-claim"`, without `force` `"not-owner"`
 * (another owner's claim that is in use or in another checkout), and the codes from `"locked"` on that {@link acquire}
 * names.
 */
export async function release(
  target: ReleaseTarget,
  { force = false }: { force?: boolean } = {},
): Promise<Claim[]> {
  const { registry, caller, cwd } = await openContext(useDefaults);
  const named = typeof target === "number" ? { port: target } : target;
  const here = locate(registry, cwd);
  return (await releaseIn(registry, { target: named, here, force }, caller)).claims;
}

/**
 * The matching claims, ordered by port, with their states and listeners. Waits for no lock.
 *
 * Throws a {@link RegistryError}: `"no-home"`.
 */
export async function list(filter: ListFilter = {}): Promise<ClaimView[]> {
  const { registry } = await openContext(useDefaults);
  return listClaims(registry, filter).claims;
}
