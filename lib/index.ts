/**
 * Ports for programs that run on Node or Bun. A claim belongs to this process and ends when it exits:
 *
 *     import { acquire } from "portclaim";
 *     const { port } = await acquire("web", { prefer: 3000 });
 *
 * The registry is `$PORTCLAIM_HOME`, else `~/.portclaim`, the same as the command line's. On Bun, it is read and
 * written in this process; node.ts is the same for Node.
 */
import { acquire as acquireIn } from "../registry/allocate/acquire.ts";
import { locate } from "../registry/config/checkout.ts";
import type { ErrorCode } from "../registry/errors/errors.ts";
import type { Holder } from "../registry/errors/holder.ts";
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
import { localUrl, withUrl } from "../registry/model/url.ts";
import { agentSession, detectAgent } from "../registry/owner/agent.ts";
import { findClaim } from "../registry/query/find.ts";
import { listClaims } from "../registry/query/list.ts";
import { validateName } from "../registry/values/name.ts";
import { absent, checkNames, checkTarget, directoryOf, held, optionsOf } from "./calls.ts";
import { inRegistry, removeIfSame } from "./context.ts";
import type {
  AcquireOptions,
  FindOptions,
  FoundClaim,
  HeldClaim,
  ListFilter,
  ReleaseOptions,
  ReleaseTarget,
} from "./types.ts";

export type * from "./types.ts";
export type { Claim, ClaimView, ErrorCode, Holder, Lease, ListenerView, Owner, State };
export { PortclaimError } from "./error.ts";
export { acquireSync, findSync } from "./sync.ts";

/** Only a port that is about to be chosen needs a valid config.toml. */
const ANYWAY = { anyway: true };

/**
 * Claims a port for a service of this process. A claim that was only reused isn't released at the end of a scope.
 *
 * Throws a {@link PortclaimError}, whose `code` is one of:
 * - `"port-taken"`: with `exact`, the preferred port isn't free; `holder` says what uses it.
 * - `"range-exhausted"`: no port of the pool is free.
 * - `"ambiguous"`: with `reuse`, several claims match equally well.
 * - `"invalid"`: an option, the service, or `$PORTCLAIM_LOCK_TIMEOUT` is invalid.
 * - `"locked"`: another process kept the registry's lock for longer than `$PORTCLAIM_LOCK_TIMEOUT` (5s).
 * - `"config"`: config.toml is invalid.
 * - `"no-home"`, `"unsafe-home"`, `"network-home"`: the registry's directory can't be used.
 * - the operating system's, such as `"ENOSPC"` and `"EACCES"`.
 */
export function acquire(service: string, options: AcquireOptions = {}): Promise<HeldClaim> {
  return inRegistry(async (context) => {
    const { registry, caller, cwd } = context;
    const agent = detectAgent(process.env);
    const session = agentSession(process.env)?.value;
    const request = {
      agent,
      session,
      cwd,
      ...optionsOf(options),
      ...directoryOf(options),
      services: [service],
    };
    const { grants } = await acquireIn(registry, request, caller);
    const [grant] = grants;
    if (grant === undefined) throw new Error("acquire returned no claim");
    const { claim, how } = grant;
    const mine = { ...withoutSecrets(claim), url: localUrl(claim.port), how };
    return held(mine, () => removeIfSame(context, claim));
  });
}

/**
 * The claim of a service: of this directory, else of this checkout, else the only one on the machine. `undefined`
 * if there is none. Waits for no lock.
 *
 * Throws a {@link PortclaimError}: `"ambiguous"`, `"invalid"`, `"no-home"`.
 */
export function find(service: string, options: FindOptions = {}): Promise<FoundClaim | undefined> {
  return inRegistry(({ registry, caller, cwd: current }) => {
    const { project, agent } = options;
    validateName("service", service);
    checkNames(options);
    const { cwd = current } = directoryOf(options);
    const search = { reach: "machine", caller: () => caller } as const;
    return withUrl(
      findClaim(registry, { service, project, agent }, locate(registry, cwd), search).best,
    );
  }, ANYWAY).catch(absent);
}

/**
 * Removes claims and returns them. Servers that listen on their ports keep running.
 *
 * Throws a {@link PortclaimError}: `"not-found"`, `"ambiguous"`, `"unreadable-claim"`, without `force` `"not-owner"`
 * (another owner's claim that is in use or in another checkout), and `"locked"`, `"no-home"`, `"unsafe-home"`,
 * `"network-home"`.
 */
export function release(target: ReleaseTarget, options: ReleaseOptions = {}): Promise<Claim[]> {
  return inRegistry(async ({ registry, caller, cwd: current }) => {
    checkTarget(target, options);
    const { force = false } = options;
    const { cwd = current } = directoryOf(options);
    const named = typeof target === "number" ? { port: target } : target;
    const here = locate(registry, cwd);
    return (await releaseIn(registry, { target: named, here, force }, caller)).claims;
  }, ANYWAY);
}

/**
 * The matching claims, ordered by port, with their states and listeners. Waits for no lock.
 *
 * Throws a {@link PortclaimError}: `"no-home"`.
 */
export function list(filter: ListFilter = {}): Promise<FoundClaim[]> {
  return inRegistry(({ registry }) => {
    checkNames(filter);
    return listClaims(registry, filter).claims.map(withUrl);
  }, ANYWAY);
}
