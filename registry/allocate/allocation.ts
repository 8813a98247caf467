import { rangesFor } from "../config/pool.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, formatTime } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy, ownerRecord } from "../owner/ownership.ts";
import { explainPort } from "../query/explain.ts";
import type { Entry } from "../store/claims.ts";
import { lastPort, readPortHistory, rememberPorts } from "../store/port-history.ts";
import type { Transaction } from "../store/transaction.ts";
import { availabilityFor } from "./availability.ts";
import { type Choice, choosePort } from "./choose-port.ts";
import type { PortRequest } from "./request.ts";

/** One claim that an acquire returns. */
export interface Grant {
  claim: Claim;
  /** "again": the owner had it before; "reused": it exists, of any owner, and `reuse` was asked for. */
  how: "new" | "again" | "reused";
  /** The preferred port that could not be had, and why. */
  missed?: { port: number; by: string };
  /** The idle claim of another owner that was replaced. */
  takenFrom?: Claim;
}

/** Allocates a port for each request, under the lock. Throws a RegistryError ("port-taken", "range-exhausted"). */
export function allocate(
  transaction: Transaction,
  snapshot: Snapshot,
  requests: readonly PortRequest[],
  caller: Caller,
): Grant[] {
  const { machine, home } = transaction.registry;
  const history = readPortHistory(machine, home);
  const allocation = new Allocation(transaction, snapshot, caller);
  const claims: Claim[] = [];
  const grants: Grant[] = [];
  for (const request of requests) {
    const last = lastPort(history, request.project, request.service, request.cwd);
    const grant = allocation.grant(request, last);
    grants.push(grant);
    claims.push(grant.claim);
  }
  rememberPorts(machine, home, history, claims);
  return grants;
}

class Allocation {
  private readonly granted = new Set<number>();

  constructor(
    readonly transaction: Transaction,
    readonly snapshot: Snapshot,
    readonly caller: Caller,
  ) {}

  grant(request: PortRequest, last: number | undefined): Grant {
    const grant = this.find(request) ?? this.allocateNew(request, last);
    this.granted.add(grant.claim.port);
    return grant;
  }

  /** A claim that the request is answered with, without allocating a port. */
  private find(request: PortRequest): Grant | undefined {
    const claims = this.claimsOf(request);
    if (request.reuse) {
      const found = claims.find(({ claim }) => this.isOwn(claim)) ?? claims[0];
      if (found) return { claim: found.claim, how: "reused" };
    }
    const own = this.findReclaimable(claims);
    return own && { claim: this.renew(own, request), how: "again" };
  }

  private allocateNew(request: PortRequest, last: number | undefined): Grant {
    const { transaction, snapshot, caller, granted } = this;
    const availability = availabilityFor(snapshot, transaction, caller, granted);
    const choice = choosePort(request, last, transaction.registry.config, availability);
    if (choice === undefined) throw this.refusal(request);
    return this.grantChoice(choice, request);
  }

  private grantChoice({ port, takenFrom }: Choice, request: PortRequest): Grant {
    const { preferred } = request;
    // Explained before our own claim is written, so that it names what was there first.
    const missed =
      preferred === undefined || port === preferred
        ? undefined
        : { port: preferred, by: explainPort(this.snapshot, this.transaction, preferred).by };
    const { claim } = this.transaction.put(this.claimFor(port, request));
    return { claim, how: "new", ...(missed && { missed }), ...(takenFrom && { takenFrom }) };
  }

  /** The claims of the request's service, project and directory that it may get, the newest first. */
  private claimsOf({ service, project, cwd, exact, preferred }: PortRequest): Entry[] {
    const found: Entry[] = [];
    for (const entry of this.transaction.claims.values()) {
      const { claim } = entry;
      if (
        claim.service === service &&
        claim.project === project &&
        (claim.cwd === undefined || claim.cwd === cwd) &&
        (!exact || claim.port === preferred) &&
        !this.granted.has(claim.port)
      ) {
        found.push(entry);
      }
    }
    return found.toSorted((a, b) => (a.claim.claimed_at < b.claim.claimed_at ? 1 : -1));
  }

  private isOwn(claim: Claim): boolean {
    return isOwnedBy(claim, this.caller, this.snapshot.processes.identity);
  }

  /** The owner's own claim that nothing listens on and no process is about to bind. */
  private findReclaimable(claims: readonly Entry[]): Entry | undefined {
    return claims.find(
      ({ claim }) =>
        this.isOwn(claim) &&
        !this.snapshot.isAwaited(claim) &&
        this.snapshot.machine.probe(claim.port) === "free",
    );
  }

  /** Writes a claim of the caller anew; unknown fields of its file survive. */
  private renew(own: Entry, request: PortRequest): Claim {
    const claim = this.claimFor(own.claim.port, request);
    const dropped = { group: undefined, throwaway: undefined, shell: undefined, serves: undefined };
    this.transaction.patch(own, { ...claim, owner: { ...dropped, ...claim.owner } });
    return claim;
  }

  private claimFor(port: number, { agent, project, service, lease, cwd }: PortRequest): Claim {
    const { machine, processes } = this.snapshot;
    return {
      port,
      pid: this.caller.owner.pid,
      agent,
      project,
      service,
      claimed_at: formatTime(machine.wallClock()),
      lease,
      cwd,
      owner: ownerRecord(machine, processes.identity, this.caller),
    };
  }

  private refusal({ exact, preferred, project }: PortRequest): RegistryError {
    if (exact && preferred !== undefined) {
      const { by, claim } = explainPort(this.snapshot, this.transaction, preferred);
      const reason = { code: "port-taken", port: preferred, by, ...(claim && { claim }) } as const;
      return new RegistryError(`port ${preferred} is ${by}`, reason);
    }
    const ranges = rangesFor(this.transaction.registry.config, project)
      .map(({ first, last }) => `${first}-${last}`)
      .join(" or ");
    return new RegistryError(`no free port in ${ranges}`, { code: "range-exhausted", ranges });
  }
}
