import type { Machine } from "../../native/machine.ts";
import type { Claim, State } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { ListenerTable } from "./listeners.ts";
import { PendingBind } from "./pending.ts";
import { ProcessTable } from "./process-table.ts";

/** What one operation has read of processes and sockets. Make a new one for each operation. */
export class Snapshot {
  readonly processes: ProcessTable;
  readonly listeners: ListenerTable;
  private readonly pending: PendingBind;

  /** @param grace seconds for which a claimed port that nothing listens on stays reserved */
  constructor(
    readonly machine: Machine,
    readonly grace: number,
    readonly caller?: Caller,
  ) {
    this.processes = new ProcessTable(machine);
    this.listeners = new ListenerTable(this.processes);
    this.pending = new PendingBind(this.processes, caller);
  }

  /** Seconds since a claim was made: of this boot, not counting suspend; else by the wall clock. */
  age({ owner, claimed_at }: Claim): number {
    const isOfThisBoot = owner !== undefined && owner.boot === this.processes.identity.boot;
    const age = isOfThisBoot
      ? this.machine.monotonic() - Number(owner.at)
      : this.machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000;
    return age > 0 ? Number(age.toFixed(3)) : 0;
  }

  state(claim: Claim): State {
    const liveness = this.processes.liveness(claim);
    if (liveness === "unknown") return "unknown";
    const bound = this.listeners.isBound(claim.port);
    const young = this.age(claim) < this.grace;
    if (liveness === "alive") {
      if (bound) return "listening";
      return young || this.pending.isRestarting(claim, this.grace) ? "starting" : "idle";
    }
    if (bound) return "orphaned";
    return young && this.pending.mayStillBind(claim, this.age(claim)) ? "starting" : "dead";
  }

  /** Whether a process may still be about to bind the port of a claim whose owner lives. */
  isAwaited(claim: Claim): boolean {
    return this.pending.isAwaited(claim, this.age(claim));
  }
}
