import type { Machine, Process } from "../../native/machine.ts";
import type { Config } from "../config/config.ts";
import type { Claim, State } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { isOwnedBy } from "../owner/ownership.ts";
import { CoverageTable } from "./coverage.ts";
import { ListenerTable } from "./listeners.ts";
import { PendingBind } from "./pending.ts";
import { ProcessTable } from "./process-table.ts";

/** What a snapshot needs from the registry. */
export interface Surroundings {
  machine: Machine;
  config: Pick<Config, "grace">;
  shared: ReadonlySet<string>;
}

export interface SnapshotOptions {
  /** Seconds for which a claimed port without a listener stays reserved. Default: from the config. */
  grace?: number;
  caller?: Caller | undefined;
}

/** The processes and sockets that one operation has read. Create one per operation. */
export class Snapshot {
  readonly machine: Machine;
  readonly grace: number;
  readonly caller: Caller | undefined;
  readonly processes: ProcessTable;
  readonly listeners: ListenerTable;
  readonly coverage: CoverageTable;
  private readonly pending: PendingBind;
  private readonly states = new Map<Claim, State>();

  constructor({ machine, config, shared }: Surroundings, options: SnapshotOptions = {}) {
    this.machine = machine;
    this.grace = options.grace ?? config.grace;
    this.caller = options.caller;
    this.processes = new ProcessTable(machine);
    this.listeners = new ListenerTable(this.processes);
    this.coverage = new CoverageTable(this.processes, shared);
    this.pending = new PendingBind(this.processes, options.caller);
  }

  /** Seconds since a claim was made, without suspend; by the wall clock for a claim of another boot. */
  age({ owner, claimed_at }: Claim): number {
    const isOfThisBoot = owner !== undefined && owner.boot === this.processes.identity.boot;
    const age = isOfThisBoot
      ? this.machine.monotonic() - Number(owner.at)
      : this.machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000;
    return age > 0 ? Number(age.toFixed(3)) : 0;
  }

  /** Whether the caller's owner owns a claim. */
  readonly isOwn = (claim: Claim): boolean =>
    this.caller !== undefined && isOwnedBy(claim, this.caller, this.processes.identity);

  state(claim: Claim): State {
    let state = this.states.get(claim);
    if (state === undefined) {
      state = this.findState(claim);
      this.states.set(claim, state);
    }
    return state;
  }

  private findState(claim: Claim): State {
    const liveness = this.processes.liveness(claim);
    if (liveness === "unknown") return "unknown";
    const bound = this.listeners.isBound(claim.port);
    const young = this.age(claim) < this.grace;
    if (liveness === "alive") {
      if (bound) return this.isOccupied(claim) ? "occupied" : "listening";
      if (claim.reserved === true) return "starting";
      return young || this.pending.isRestarting(claim, this.grace) ? "starting" : "idle";
    }
    if (bound) return this.isOccupied(claim) ? "dead" : "orphaned";
    return young && this.pending.mayStillBind(claim, this.age(claim)) ? "starting" : "dead";
  }

  /** Whether only foreign processes listen on the port. A hidden process may be the claim's own. */
  private isOccupied(claim: Claim): boolean {
    const { pids, hidden } = this.listeners.pidsOn(claim.port, [claim.pid]);
    if (hidden || pids.length === 0) return false;
    return pids.every((pid) => this.isForeign(claim, pid));
  }

  /** Whether a process that listens on a claim's port doesn't belong to the claim. */
  isForeign(claim: Claim, pid: number): boolean {
    const process = this.processes.process(pid);
    return process !== undefined && this.coverage.of(claim, process) === "foreign";
  }

  /** The covered listeners on a claim's port, oldest first. */
  coveredListeners(claim: Claim): Process[] {
    return this.listeners
      .pidsOn(claim.port, [claim.pid])
      .pids.map((pid) => this.processes.process(pid))
      .filter((process) => process !== undefined)
      .filter((process) => this.coverage.covers(claim, process))
      .toSorted((a, b) => a.start - b.start);
  }

  /** Whether a process may still be about to bind the port of a claim whose owner is alive. */
  isAwaited(claim: Claim): boolean {
    return this.pending.isAwaited(claim, this.age(claim));
  }
}
