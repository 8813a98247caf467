import type { Here } from "../config/checkout.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import { matches, viewClaims } from "../query/list.ts";
import { isHere, likeliest } from "../query/scope.ts";
import { describeSuspended } from "../query/suspended.ts";
import { claimsIn } from "../store/claims.ts";
import type { Transaction } from "../store/transaction.ts";
import type { PortRequest } from "./request.ts";
import { singleServer } from "./single-server.ts";

/**
 * Another running server for the service in its checkout, on the port that it really listens on. The
 * caller may not need to start one.
 */
export type Running = Pick<ClaimView, "port" | "service" | "project" | "pid" | "cwd" | "state"> & {
  /** The listener's program and pid; `pid` is the claim's owner. */
  command: string | null;
  server: number | null;
  /** Whether the caller's owner owns it. */
  own: boolean;
  /** Whether it is suspended, and so doesn't respond. */
  suspended?: true;
  /** The server's name, if it refuses to run a second time in the directory that the port is claimed for. */
  single?: string;
};

const hereOf = ({ cwd, project, root, repository }: PortRequest): Here => ({
  cwd,
  project,
  checkout:
    root === undefined
      ? undefined
      : { root, linked: false, ...(repository !== undefined && { repository }) },
});

/**
 * The claim that `reuse` returns: one in this directory, else in this checkout, else in the project if
 * one was named. Ignores dead and occupied claims. Throws a RegistryError ("ambiguous").
 */
export function findReusable(
  transaction: Transaction,
  snapshot: Snapshot,
  request: PortRequest,
  granted: ReadonlySet<number>,
): Claim | undefined {
  const { exact, preferred } = request;
  const { shared } = transaction.registry;
  const views = viewClaims(snapshot, transaction, request.named)
    .filter(({ port }) => !granted.has(port) && (!exact || port === preferred))
    .filter(({ state }) => state !== "dead" && state !== "occupied");
  const seeker = { here: hereOf(request), shared, isOwn: snapshot.isOwn };
  const { best } = likeliest(views, request.named, seeker);
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
      (request) => matches(claim, request.named) && isHere(claim, hereOf(request), shared),
    );
  if (!claimsIn(transaction).some(isMeant)) return [];
  return viewClaims(snapshot, transaction)
    .filter((view) => (view.state === "listening" || view.elsewhere) && isMeant(view))
    .map((view) => {
      const { service, project, pid, cwd, state, elsewhere: [real] = [] } = view;
      const server = real ?? view.listeners.find((listener) => listener.pid !== null);
      const port = real?.port ?? view.port;
      const command = server?.command ?? null;
      const isSame = requests.some((request) => request.cwd === cwd);
      const single = isSame ? singleServer(command) : undefined;
      return {
        port,
        service,
        project,
        pid,
        ...(cwd !== undefined && { cwd }),
        state,
        command,
        server: server?.pid ?? null,
        own: snapshot.isOwn(view),
        ...(describeSuspended(view) && { suspended: true as const }),
        ...(single !== undefined && { single }),
      };
    });
}

/**
 * The service's server in its checkout: a claim with a covered listener, or one whose owner is a live
 * process that serves.
 */
export function findServer(
  transaction: Transaction,
  snapshot: Snapshot,
  request: PortRequest | undefined,
): { claim: ClaimView; isEnclosing: boolean } | undefined {
  if (request === undefined) return undefined;
  const { service, project, marks = [] } = request;
  const here = hereOf(request);
  const serves = (claim: Claim) =>
    claim.owner?.serves === true && snapshot.processes.liveness(claim) === "alive";
  const claim = viewClaims(snapshot, transaction, { service, project }).find(
    (view) =>
      isHere(view, here, transaction.registry.shared) &&
      (view.state === "listening" || serves(view)),
  );
  const mark = claim && transaction.claims.get(claim.port)?.claim.owner?.mark;
  return claim && { claim, isEnclosing: marks.includes(mark ?? "") };
}
