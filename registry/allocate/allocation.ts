import { rangesFor } from "../config/pool.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { formatTime } from "../model/time.ts";
import { agentOfCommand } from "../owner/agent.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy, ownerRecord } from "../owner/ownership.ts";
import { explainPort } from "../query/explain.ts";
import type { Entry } from "../store/claims.ts";
import { PortHistory } from "../store/port-history.ts";
import type { Transaction } from "../store/transaction.ts";
import { availabilityFor } from "./availability.ts";
import { type Choice, choosePort } from "./choose-port.ts";
import type { PortRequest } from "./request.ts";
import { findReusable } from "./reuse.ts";

/** One claim that an acquire returns. */
export interface Grant {
  claim: Claim;
  /**
   * "again": the owner already had this claim. "reserved": `env`, or a `run` around this call, had reserved
   * the port. "reused": returned for `reuse`, whatever its owner.
   */
  how: "new" | "again" | "reserved" | "reused";
  /** The preferred port, if it was unavailable, and why. */
  missed?: { port: number; by: string };
  /** The preferred port that is kept for the main checkout, and was not granted. */
  kept?: number;
  /** Another owner's idle claim that was replaced. */
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
  const history = new PortHistory(machine, home);
  const allocation = new Allocation(transaction, snapshot, history, caller);
  const grants: Grant[] = [];
  for (const request of requests) grants.push(allocation.grant(request));
  history.remember(grants.filter(({ how }) => how !== "reused").map(({ claim }) => claim));
  return grants;
}

class Allocation {
  private readonly granted = new Set<number>();

  constructor(
    readonly transaction: Transaction,
    readonly snapshot: Snapshot,
    readonly history: PortHistory,
    readonly caller: Caller,
  ) {}

  grant(request: PortRequest): Grant {
    const grant = this.find(request) ?? this.allocateNew(request);
    this.granted.add(grant.claim.port);
    return grant;
  }

  /** An existing claim that satisfies the request. */
  private find(request: PortRequest): Grant | undefined {
    if (request.reuse) {
      const claim = findReusable(this.transaction, this.snapshot, request, this.granted);
      if (claim) return { claim, how: "reused" };
    }
    const claims = this.claimsOf(request);
    const reserved = claims.find((entry) => this.isReserved(entry, request));
    if (reserved) return { claim: this.renew(reserved, request, TAKEN_OVER), how: "reserved" };
    const own = claims.find((entry) => this.isReclaimable(entry));
    return own && { claim: this.renew(own, request, RENEWED), how: "again" };
  }

  private allocateNew(request: PortRequest): Grant {
    const { transaction, snapshot, history, caller, granted } = this;
    const availability = availabilityFor(snapshot, transaction, history, request, caller, granted);
    const last = history.portOf(request);
    const choice = choosePort(request, last, transaction.registry.config, availability);
    if (choice === undefined) throw this.refusal(request);
    return this.grantChoice(choice, request);
  }

  private grantChoice({ port, takenFrom }: Choice, request: PortRequest): Grant {
    const { preferred, kept } = request;
    // Explain before writing our own claim, so that the reason names what was there first.
    const missed =
      preferred === undefined || port === preferred
        ? undefined
        : { port: preferred, by: explainPort(this.snapshot, this.transaction, preferred).by };
    const reason = missed ? `${missed.port} is ${missed.by}` : null;
    const { claim } = this.transaction.put(this.claimFor(port, request), reason);
    return {
      claim,
      how: "new",
      ...(missed && { missed }),
      ...(kept !== undefined && kept !== port && { kept }),
      ...(takenFrom && { takenFrom }),
    };
  }

  /** The claims for the request's service, project and directory, newest first. */
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

  /** Whether `env`, or a `run` around this call, only reserved the port for the service. */
  private isReserved({ claim }: Entry, { marks = [] }: PortRequest): boolean {
    const { reserved, owner } = claim;
    if (reserved !== true && !marks.includes(owner?.mark ?? "")) return false;
    if (this.snapshot.state(claim) === "unknown") return false;
    return this.snapshot.machine.probe(claim.port) === "free";
  }

  /** Whether the caller's owner owns a claim that nothing listens on and no process is about to bind. */
  private isReclaimable({ claim }: Entry): boolean {
    return (
      isOwnedBy(claim, this.caller, this.snapshot.processes.identity) &&
      !this.snapshot.isAwaited(claim) &&
      this.snapshot.machine.probe(claim.port) === "free"
    );
  }

  /** Rewrites a claim for the caller. Unknown fields in its file are kept. */
  private renew(own: Entry, request: PortRequest, reason: string): Claim {
    const claim = this.claimFor(own.claim.port, request);
    const changes = { ...claim, reserved: claim.reserved, owner: { ...DROPPED, ...claim.owner } };
    this.transaction.patch(own, changes, { event: "claimed", reason });
    return claim;
  }

  private claimFor(port: number, request: PortRequest): Claim {
    const { agent, project, service, lease, cwd, root, repository, session, reserved } = request;
    const { machine, processes } = this.snapshot;
    return {
      port,
      pid: this.caller.owner.pid,
      // Continue sets no variable for its shell.
      agent: agent ?? agentOfCommand(this.caller.command) ?? null,
      project,
      service,
      claimed_at: formatTime(machine.wallClock()),
      lease,
      cwd,
      ...(root !== undefined && { root }),
      ...(repository !== undefined && { repository }),
      ...(reserved && { reserved }),
      owner: ownerRecord(machine, processes.identity, this.caller, session),
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

const RENEWED = "acquired again";
const TAKEN_OVER = "it was reserved for the service";

/** Owner fields that a renewed claim doesn't keep from the old one. */
const DROPPED = {
  group: undefined,
  throwaway: undefined,
  shell: undefined,
  serves: undefined,
  mark: undefined,
  session: undefined,
} as const;
