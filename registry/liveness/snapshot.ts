import type { Machine } from "../../native/machine.ts";
import type { Claim, State } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { ListenerTable } from "./listeners.ts";
import { PendingBind } from "./pending.ts";
import { ProcessTable, type Liveness } from "./process-table.ts";

/** Claims as they stand now, seen once: make one for each operation. */
export class Snapshot {
  readonly processes: ProcessTable;
  private seenSockets: ListenerTable | undefined;
  private seenAwaiting: PendingBind | undefined;
  /** @param grace seconds in which a port that is not bound yet is not free game */
  constructor(
    readonly machine: Machine,
    readonly grace: number,
    readonly caller?: Caller,
  ) {
    this.processes = new ProcessTable(machine);
  }

  get listeners(): ListenerTable {
    return (this.seenSockets ??= new ListenerTable(this.processes));
  }

  private get awaiting(): PendingBind {
    return (this.seenAwaiting ??= new PendingBind(this.processes, this.caller));
  }

  /** Seconds since a claim was made: awake ones of this boot, else by the wall clock. */
  age({ owner, claimed_at }: Claim): number {
    const here = owner !== undefined && owner.boot === this.processes.identity.boot;
    const age = here
      ? this.machine.monotonic() - Number(owner.at)
      : this.machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000;
    return age > 0 ? Number(age.toFixed(3)) : 0;
  }

  state(claim: Claim): State {
    const liveness = this.processes.liveness(claim);
    if (liveness === "unknown") return "unknown";
    return this.stateOf(claim, liveness);
  }

  private stateOf(claim: Claim, liveness: Liveness): State {
    const bound = this.listeners.isBound(claim.port);
    const young = this.age(claim) < this.grace;
    if (liveness === "alive") {
      if (bound) return "listening";
      return young || this.awaiting.isRestarting(claim, this.grace) ? "starting" : "idle";
    }
    if (bound) return "orphaned";
    return young && this.awaiting.mayStillBind(claim, this.age(claim)) ? "starting" : "dead";
  }

  /** Whether somebody may still be about to bind the port of a claim whose owner lives. */
  isAwaited(claim: Claim): boolean {
    return this.awaiting.isAwaited(claim, this.age(claim));
  }
}
