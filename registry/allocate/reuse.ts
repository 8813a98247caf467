import type { Here } from "../config/checkout.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import { matches, viewClaim, viewClaims } from "../query/list.ts";
import { ambiguous, isHere, nearest, rank } from "../query/scope.ts";
import type { Transaction } from "../store/transaction.ts";
import type { PortRequest } from "./request.ts";

/** Another running server for the service in its checkout. The caller may not need to start one. */
export type Running = Pick<ClaimView, "port" | "service" | "project" | "pid" | "cwd" | "state"> & {
  /** The listener's program and pid. */
  command: string | null;
  /** Whether the caller's owner owns it. */
  own: boolean;
};

const hereOf = ({ cwd, project, root }: PortRequest): Here => ({
  cwd,
  project,
  checkout: root === undefined ? undefined : { root, linked: false },
});

function candidates({ claims, registry }: Transaction, request: PortRequest): Claim[] {
  const { project, service } = request;
  const named = { project, service };
  const all = Array.from(claims.values(), ({ claim }) => claim);
  return nearest(
    all.filter((claim) => matches(claim, named)),
    { service },
    hereOf(request),
    registry.shared,
  );
}

/**
 * The claim that `reuse` returns: one in this directory, else in this checkout. Ignores dead and
 * occupied claims. Throws a RegistryError ("ambiguous").
 */
export function findReusable(
  transaction: Transaction,
  snapshot: Snapshot,
  request: PortRequest,
  granted: ReadonlySet<number>,
): Claim | undefined {
  const { exact, preferred } = request;
  const views = candidates(transaction, request)
    .filter(({ port }) => !granted.has(port) && (!exact || port === preferred))
    .map((claim) => viewClaim(snapshot, claim))
    .filter(({ state }) => state !== "dead" && state !== "occupied");
  const { caller } = snapshot;
  const isOwn = (claim: Claim) =>
    caller !== undefined && isOwnedBy(claim, caller, snapshot.processes.identity);
  const { winners } = rank(views, isOwn);
  if (winners.length > 1)
    throw ambiguous({ service: request.service, project: request.project }, winners);
  const [best] = winners;
  return best && transaction.claims.get(best.port)?.claim;
}

/** The claims of the same services in the same directory or checkout whose servers listen already, by port. */
export function findRunning(
  transaction: Transaction,
  snapshot: Snapshot,
  requests: readonly PortRequest[],
  granted: ReadonlySet<number>,
): Running[] {
  const { shared } = transaction.registry;
  const isMeant = (claim: Claim) =>
    !granted.has(claim.port) &&
    requests.some(
      (request) =>
        matches(claim, { project: request.project, service: request.service }) &&
        isHere(claim, hereOf(request), shared),
    );
  if (!transaction.claims.values().some(({ claim }) => isMeant(claim))) return [];
  return viewClaims(snapshot, transaction, { project: requests[0]?.project })
    .filter((view) => view.state === "listening" && isMeant(view))
    .map((view) => {
      const { port, service, project, pid, cwd, state } = view;
      const { caller } = snapshot;
      const own = caller !== undefined && isOwnedBy(view, caller, snapshot.processes.identity);
      const command = view.listeners.find((listener) => listener.pid !== null)?.command ?? null;
      return {
        port,
        service,
        project,
        pid,
        ...(cwd !== undefined && { cwd }),
        state,
        command,
        own,
      };
    });
}
