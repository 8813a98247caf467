import type { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, formatTime } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { type Caller, isOwn, ownerRecord } from "../owner/caller.ts";
import { explainPort } from "../query/explain.ts";
import * as store from "../store/claims.ts";
import { Glanced, nameLines } from "../store/glance.ts";
import {
  type PortHistory,
  lastPort,
  readPortHistory,
  rememberPorts,
} from "../store/port-history.ts";
import type { Registry } from "../store/registry.ts";
import { availabilityFor } from "./availability.ts";
import { type Choice, choosePort, preferredPort, rangesFor } from "./choose-port.ts";
import type { AcquireRequest, Grant } from "./request.ts";

/** A claim that was written, and what stood in its place. */
export interface Written {
  entry: store.Entry;
  before: store.Entry | undefined;
}

/** What a renewed claim has only if it is said again. */
const UNSET = {
  group: undefined,
  throwaway: undefined,
  shell: undefined,
  serves: undefined,
} as const;

/** One acquire under the lock, service by service. */
export class Allocation {
  private readonly last: PortHistory;
  private readonly granted = new Set<number>();
  private readonly claims: Claim[] = [];

  constructor(
    readonly registry: Registry,
    readonly request: AcquireRequest,
    readonly caller: Caller,
    readonly project: string,
    readonly contents: store.ClaimTable,
    readonly snapshot: Snapshot,
    readonly written: Written[],
  ) {
    this.last = readPortHistory(registry.machine, registry.home);
  }

  grant(index: number): Grant {
    const service = this.request.services[index] ?? "";
    const prefer = index === 0 ? this.request.prefer : undefined;
    const preferred = preferredPort(this.registry.config, this.project, service, prefer);
    const exact = this.request.exact === true && preferred !== undefined;
    const fits = (port: number) => !exact || port === preferred;
    const reused = this.request.reuse ? this.existing(service, fits) : undefined;
    if (reused) return this.note({ claim: reused.claim, how: "reused" });
    const own = this.findReclaimable(service, fits);
    if (own) return this.note({ claim: this.write(own.claim.port, service, own), how: "again" });
    return this.choose(index, service, preferred, exact);
  }

  private choose(
    index: number,
    service: string,
    preferred: number | undefined,
    exact: boolean,
  ): Grant {
    const last = lastPort(this.last, this.project, service, this.request.cwd);
    const near = index > 0 ? this.request.prefer : undefined;
    const choice = choosePort(
      {
        project: this.project,
        service,
        exact,
        ...(preferred !== undefined && { preferred }),
        ...(near !== undefined && { near }),
        ...(last !== undefined && { last }),
      },
      this.registry.config,
      availabilityFor(this.snapshot, this.contents, this.caller, this.granted),
    );
    if (choice === undefined) throw this.rangeExhausted(exact ? preferred : undefined);
    return this.grantNew(choice, service, preferred);
  }

  private grantNew(
    choice: NonNullable<Choice>,
    service: string,
    preferred: number | undefined,
  ): Grant {
    const missed = preferred !== undefined && choice.port !== preferred ? preferred : undefined;
    // Asked before our own claim is written, so that it names who was there first.
    const by = missed === undefined ? "" : explainPort(this.snapshot, this.contents, missed).by;
    return this.note({
      claim: this.write(choice.port, service),
      how: "new",
      ...(missed !== undefined && { missed: { port: missed, by } }),
      ...(choice.takenFrom && { takenFrom: choice.takenFrom }),
    });
  }

  private note(grant: Grant): Grant {
    this.granted.add(grant.claim.port);
    this.claims.push(grant.claim);
    return grant;
  }

  /** Remembers the ports for the next time. */
  remember(): void {
    const { machine, home } = this.registry;
    if (this.claims.length > 0) rememberPorts(machine, home, this.last, this.claims);
  }

  private matches({ claim }: store.Entry, service: string): boolean {
    return (
      claim.service === service &&
      claim.project === this.project &&
      (claim.cwd === undefined || claim.cwd === this.request.cwd) &&
      !this.granted.has(claim.port)
    );
  }

  private newestFirst(service: string, fits: (port: number) => boolean): store.Entry[] {
    const found: store.Entry[] = [];
    let name: string | undefined;
    for (const entry of this.contents.entries.values()) {
      if (entry instanceof Glanced) {
        if (entry.name !== (name ??= nameLines(this.project, service))) continue;
      }
      if (this.matches(entry, service) && fits(entry.claim.port)) found.push(entry);
    }
    if (found.length < 2) return found;
    return found.toSorted((a, b) => (a.claim.claimed_at < b.claim.claimed_at ? 1 : -1));
  }

  private isOwn = (claim: Claim) => isOwn(claim, this.caller, this.snapshot.processes.identity);

  private existing(service: string, fits: (port: number) => boolean): store.Entry | undefined {
    const all = this.newestFirst(service, fits);
    return all.find(({ claim }) => this.isOwn(claim)) ?? all[0];
  }

  /** The caller's own claim that nothing listens on and nobody is about to bind. */
  private findReclaimable(
    service: string,
    fits: (port: number) => boolean,
  ): store.Entry | undefined {
    for (const entry of this.newestFirst(service, fits)) {
      const { claim } = entry;
      if (!this.isOwn(claim) || this.snapshot.isAwaited(claim)) continue;
      if (this.snapshot.machine.probe(claim.port) === "free") return entry;
    }
    return undefined;
  }

  /** `own`: the caller's claim that is renewed; what else stands in its file survives. */
  private write(port: number, service: string, own?: store.Entry): Claim {
    const { machine, home, config } = this.registry;
    const { agent, cwd, lease } = this.request;
    const claim: Claim = {
      port,
      pid: this.caller.owner.pid,
      agent: agent ?? null,
      project: this.project,
      service,
      claimed_at: formatTime(machine.wallClock()),
      lease: lease ?? config.services.get(service)?.lease ?? "ephemeral",
      cwd,
      owner: ownerRecord(machine, this.snapshot.processes.identity, this.caller),
    };
    const before = this.contents.entries.get(port);
    const entry = own
      ? store.rewriteClaim(machine, home, own, { ...claim, owner: { ...UNSET, ...claim.owner } })
      : store.writeClaim(machine, home, claim);
    this.contents.entries.set(port, entry);
    this.written.push({ entry, before });
    return claim;
  }

  private rangeExhausted(port: number | undefined): RegistryError {
    if (port !== undefined) {
      const { by, claim } = explainPort(this.snapshot, this.contents, port);
      const reason = { code: "port-taken", port, by, ...(claim && { claim }) } as const;
      return new RegistryError(`Cannot acquire port ${port}: ${by}`, reason);
    }
    const ranges = rangesFor(this.registry.config, this.project)
      .map(({ first, last }) => `${first}-${last}`)
      .join(" and ");
    return new RegistryError(`Cannot acquire a port: none is left in ${ranges}`, {
      code: "range-exhausted",
      ranges,
    });
  }
}

/** Takes back what was written, the last first. Only under the lock. */
export function takeBack({ machine, home }: Registry, written: Written[]): void {
  for (const { entry, before } of written.splice(0).toReversed()) {
    try {
      if (before) store.restoreClaim(machine, home, before);
      else store.removeClaim(machine, home, entry.claim.port);
    } catch {
      // A full disk has no room for what was there. It was the caller's already, or free game.
      if (before && !isRenewed(before.claim, entry.claim)) {
        store.removeClaim(machine, home, entry.claim.port);
      }
    }
  }
}

function isRenewed(before: Claim, now: Claim): boolean {
  return (["pid", "service", "project"] as const).every((key) => before[key] === now[key]);
}
