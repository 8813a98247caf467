import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, withoutSecrets } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { describeClaim } from "../query/explain.ts";
import { matches } from "../query/list.ts";
import { isHere, isInSibling, type Named, notFound, onlyMatch } from "../query/scope.ts";
import { claimsIn } from "../store/claims.ts";
import { PortHistory } from "../store/port-history.ts";
import type { Registry } from "../store/registry.ts";
import { type Transaction, transact } from "../store/transaction.ts";
import { validateName } from "../values/name.ts";

/** Which claims to release: a port's, a service's, or all of a project's. */
export type Target =
  | { port: number }
  | { service: string; project?: string }
  | { project: string; service?: undefined };

export interface ReleaseRequest {
  target: Target;
  here: Here;
  /** Also release claims of other owners. */
  force?: boolean;
  /** Only release the claim with this `claimed_at`; "" for an unreadable one. */
  claimedAt?: string;
}

export interface Released {
  claims: Claim[];
  /** Whether all of them were dead already. */
  exited: boolean;
}

/**
 * Removes claims: all that the target names, or none. Servers keep running. Throws a
 * RegistryError: "not-found", "ambiguous", "unreadable-claim", "claimed-anew", "not-owner" (a claim of
 * another living owner that listens, or is in another checkout).
 */
export async function release(
  registry: Registry,
  { target, here, force = false, claimedAt }: ReleaseRequest,
  caller: Caller | undefined,
): Promise<Released> {
  return await transact(
    registry,
    (transaction) => {
      if ("port" in target && claimedAt !== undefined) {
        checkSame(transaction, target.port, claimedAt);
      }
      if ("port" in target && transaction.unreadable.has(target.port)) {
        return releaseUnreadable(transaction, target.port, force);
      }
      const snapshot = new Snapshot(registry, { caller });
      const claims = select(transaction, snapshot, target, here);
      const foreign = claims.find(
        (claim) => !force && !mayRelease(snapshot, claim, here, registry.shared),
      );
      if (foreign) throw notOwner(snapshot, foreign);
      const exited = claims.every((claim) => snapshot.state(claim) === "dead");
      const reason = force ? "forced" : null;
      for (const { port } of claims) transaction.remove(port, { event: "released", reason });
      new PortHistory(registry.machine, registry.home).forget(claims);
      return { claims: claims.map(withoutSecrets), exited };
    },
    caller,
  );
}

function checkSame({ claims, unreadable }: Transaction, port: number, claimedAt: string): void {
  const now = claims.get(port)?.claim.claimed_at ?? "";
  if (now === claimedAt || (now === "" && !unreadable.has(port))) return;
  throw new RegistryError(`port ${port} has been claimed again`, { code: "claimed-anew", port });
}

function releaseUnreadable(transaction: Transaction, port: number, force: boolean): Released {
  const problem = transaction.unreadable.get(port)?.problem ?? "";
  if (!force) {
    const message = `the claim file of port ${port} is unreadable: ${problem}`;
    throw new RegistryError(message, { code: "unreadable-claim", port, problem });
  }
  transaction.remove(port, { event: "released", reason: `its file was unreadable: ${problem}` });
  return { claims: [], exited: false };
}

function mayRelease(
  snapshot: Snapshot,
  claim: Claim,
  here: Here,
  shared: ReadonlySet<string>,
): boolean {
  const state = snapshot.state(claim);
  const isOver = state !== "orphaned" && snapshot.processes.liveness(claim) === "dead";
  if (isOver || snapshot.isOwn(claim)) return true;
  if (state === "unknown" || !isHere(claim, here, shared)) return false;
  // A server that owns its claim, or outlived its owner, belongs to everyone who works in its checkout.
  return claim.owner?.serves === true || state !== "listening";
}

function notOwner(snapshot: Snapshot, claim: Claim): RegistryError {
  const where = claim.cwd === undefined ? "" : `, in ${claim.cwd}`;
  const message = `port ${claim.port} is ${describeClaim(claim)}${where} (${snapshot.state(claim)})`;
  return new RegistryError(message, { code: "not-owner", port: claim.port, claim });
}

/** The claims that a target names. Throws a RegistryError: "not-found" or "ambiguous". */
function select(
  { claims, registry }: Transaction,
  snapshot: Snapshot,
  target: Target,
  here: Here,
): Claim[] {
  const all = claimsIn({ claims });
  if ("port" in target) {
    const claim = claims.get(target.port)?.claim;
    if (claim) return [claim];
    const what = `port ${target.port}`;
    throw new RegistryError(`no claim for ${what}`, { code: "not-found", what });
  }
  if (target.service === undefined) return selectProject(snapshot, all, target, here);
  const seeker = { here, shared: registry.shared, isOwn: snapshot.isOwn };
  return [onlyMatch(all, target, seeker, (claim) => snapshot.state(claim) === "dead")];
}

/** All claims of a project, except another owner's in another checkout of the same repository. */
function selectProject(
  snapshot: Snapshot,
  claims: readonly Claim[],
  project: Named,
  here: Here,
): Claim[] {
  // Without a name, every claim would match.
  validateName("project", project.project as string);
  const named = claims.filter((claim) => matches(claim, project));
  const found = named.filter((claim) => snapshot.isOwn(claim) || !isInSibling(claim, here));
  if (found.length > 0) return found;
  throw notFound(project, named, []);
}
