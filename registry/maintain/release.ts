import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { type Caller, isOwn } from "../owner/caller.ts";
import { describeClaim } from "../query/explain.ts";
import { type ClaimTable, removeClaim } from "../store/claims.ts";
import { type Registry, transact } from "../store/registry.ts";

/** Which claims to free: one port, a service, or all of a project. */
export type Target =
  | { port: number }
  | { service: string; project?: string }
  | { project: string; service?: undefined };

export interface ReleaseRequest {
  target: Target;
  cwd: string;
  /** The caller's project: which of several services of that name is meant. */
  projectHere: string;
  /** Free what is another owner's too. */
  force?: boolean;
}

/**
 * Frees claims; nothing is done to what listens. Throws a RegistryError: "not-found", "ambiguous",
 * "not-owner" (a living claim of another owner in another directory), "unreadable-claim".
 * Either all that is named is freed or nothing is.
 */
export async function release(
  registry: Registry,
  request: ReleaseRequest,
  caller: Caller | undefined,
): Promise<Claim[]> {
  return await transact(registry, (contents) => {
    const { machine, home, config } = registry;
    const snapshot = new Snapshot(machine, config.grace, caller);
    if ("port" in request.target && contents.unreadable.has(request.target.port)) {
      return releaseUnreadable(registry, contents, request.target.port, request.force === true);
    }
    const claims = selectClaims(contents, request);
    if (!request.force) {
      const foreign = claims.find((claim) => !mayRelease(snapshot, claim, request, caller));
      if (foreign) throw refuse(snapshot, foreign);
    }
    for (const { port } of claims) removeClaim(machine, home, port);
    return claims;
  });
}

function releaseUnreadable(
  { machine, home }: Registry,
  { unreadable }: ClaimTable,
  port: number,
  force: boolean,
): Claim[] {
  const problem = unreadable.get(port)?.problem ?? "";
  if (!force) {
    throw new RegistryError(
      `Cannot release ${port}: its claim file can't be understood: ${problem}`,
      {
        code: "unreadable-claim",
        port,
        problem,
      },
    );
  }
  removeClaim(machine, home, port);
  return [];
}

function mayRelease(
  snapshot: Snapshot,
  claim: Claim,
  { cwd }: ReleaseRequest,
  caller: Caller | undefined,
): boolean {
  const liveness = snapshot.processes.liveness(claim);
  if (liveness === "unknown") return false;
  if (liveness === "dead" || claim.cwd === cwd) return true;
  return caller !== undefined && isOwn(claim, caller, snapshot.processes.identity);
}

function refuse(snapshot: Snapshot, claim: Claim): RegistryError {
  const state = snapshot.state(claim);
  const where = claim.cwd === undefined ? "" : ` in ${claim.cwd}`;
  const message = `Cannot release ${claim.port}: it is ${describeClaim(claim)}${where} (${state})`;
  return new RegistryError(message, { code: "not-owner", port: claim.port, claim });
}

/** The claims that a target names. Throws a RegistryError: "not-found" or "ambiguous". */
export function selectClaims(
  { entries }: ClaimTable,
  { target, projectHere }: Pick<ReleaseRequest, "target" | "projectHere">,
): Claim[] {
  const all = [...entries.values()].map(({ claim }) => claim);
  if ("port" in target)
    return required(
      all.filter(({ port }) => port === target.port),
      `port ${target.port}`,
    );
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
  throw new RegistryError(
    `Cannot tell which ${what} is meant: it is claimed in ${choices.join(", ")}`,
    {
      code: "ambiguous",
      what,
      choices,
    },
  );
}

function required(claims: Claim[], what: string): Claim[] {
  if (claims.length > 0) return claims;
  throw new RegistryError(`Cannot release ${what}: nobody claims it`, { code: "not-found", what });
}
