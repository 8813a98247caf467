import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import { describeClaim } from "../query/explain.ts";
import type { Here } from "../query/find.ts";
import type { Registry } from "../store/registry.ts";
import { type Transaction, transact } from "../store/transaction.ts";

/** Which claims to release: one port, a service, or all of a project. */
export type Target =
  | { port: number }
  | { service: string; project?: string }
  | { project: string; service?: undefined };

export interface ReleaseRequest {
  target: Target;
  here: Here;
  /** Release claims of other owners too. */
  force?: boolean;
}

/**
 * Removes claims: all that the target names, or none. Does nothing to what listens. Throws a
 * RegistryError: "not-found", "ambiguous", "not-owner" (a claim of another living owner in another
 * directory), "unreadable-claim".
 */
export async function release(
  registry: Registry,
  { target, here, force = false }: ReleaseRequest,
  caller: Caller | undefined,
): Promise<Claim[]> {
  return await transact(registry, (transaction) => {
    if ("port" in target && transaction.unreadable.has(target.port)) {
      return releaseUnreadable(transaction, target.port, force);
    }
    const snapshot = new Snapshot(registry.machine, registry.config.grace, caller);
    const claims = selectClaims(transaction, target, here.project);
    const foreign = claims.find((claim) => !force && !mayRelease(snapshot, claim, here.cwd));
    if (foreign) throw notOwner(snapshot, foreign);
    for (const { port } of claims) transaction.remove(port);
    return claims;
  });
}

function releaseUnreadable(transaction: Transaction, port: number, force: boolean): Claim[] {
  const problem = transaction.unreadable.get(port)?.problem ?? "";
  if (!force) {
    const message = `the claim file of port ${port} is unreadable: ${problem}`;
    throw new RegistryError(message, { code: "unreadable-claim", port, problem });
  }
  transaction.remove(port);
  return [];
}

function mayRelease({ processes, caller }: Snapshot, claim: Claim, cwd: string): boolean {
  const liveness = processes.liveness(claim);
  if (liveness === "unknown") return false;
  if (liveness === "dead" || claim.cwd === cwd) return true;
  return caller !== undefined && isOwnedBy(claim, caller, processes.identity);
}

function notOwner(snapshot: Snapshot, claim: Claim): RegistryError {
  const where = claim.cwd === undefined ? "" : `, in ${claim.cwd}`;
  const message = `port ${claim.port} is ${describeClaim(claim)}${where} (${snapshot.state(claim)})`;
  return new RegistryError(message, { code: "not-owner", port: claim.port, claim });
}

/** The claims that a target names. Throws a RegistryError: "not-found" or "ambiguous". */
export function selectClaims(
  { claims }: Pick<Transaction, "claims">,
  target: Target,
  projectHere: string,
): Claim[] {
  const all = [...claims.values()].map(({ claim }) => claim);
  if ("port" in target) {
    return required(
      all.filter(({ port }) => port === target.port),
      `port ${target.port}`,
    );
  }
  if (target.service === undefined) {
    const { project } = target;
    return required(
      all.filter((claim) => claim.project === project),
      `project "${project}"`,
    );
  }
  const named = all.filter(({ service }) => service === target.service);
  return required(ofOneProject(named, target, projectHere), `service "${target.service}"`);
}

function ofOneProject(
  named: Claim[],
  target: { service: string; project?: string },
  projectHere: string,
): Claim[] {
  const of = (name: string) => named.filter(({ project }) => project === name);
  if (target.project !== undefined) return of(target.project);
  if (of(projectHere).length > 0) return of(projectHere);
  const choices = [...new Set(named.map(({ project }) => project))].toSorted();
  if (choices.length <= 1) return named;
  const what = `service "${target.service}"`;
  const message = `${what} is claimed in several projects: ${choices.join(", ")}`;
  throw new RegistryError(message, { code: "ambiguous", what, choices });
}

function required(claims: Claim[], what: string): Claim[] {
  if (claims.length > 0) return claims;
  throw new RegistryError(`no claim for ${what}`, { code: "not-found", what });
}
