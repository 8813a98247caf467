import { Awaiting } from "./awaiting.ts";
import type { Claim, State } from "./claim.ts";
import { Census, type Liveness } from "./liveness.ts";
import type { Machine } from "./machine.ts";
import type { Caller } from "./owner.ts";
import { Sockets } from "./sockets.ts";

/** Claims as they stand now, seen once: make one for each operation. */
export class Observer {
  readonly census: Census;
  private seenSockets: Sockets | undefined;
  private seenAwaiting: Awaiting | undefined;
  /** @param grace seconds in which a port that is not bound yet is not free game */
  constructor(
    readonly machine: Machine,
    readonly grace: number,
    readonly caller?: Caller,
  ) {
    this.census = new Census(machine);
  }

  get sockets(): Sockets {
    return (this.seenSockets ??= new Sockets(this.census));
  }

  private get awaiting(): Awaiting {
    return (this.seenAwaiting ??= new Awaiting(this.census, this.caller));
  }

  /** Seconds since a claim was made: awake ones of this boot, else by the wall clock. */
  age({ owner, claimed_at }: Claim): number {
    const here = owner !== undefined && owner.boot === this.census.place.boot;
    const age = here
      ? this.machine.monotonic() - Number(owner.at)
      : this.machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000;
    return age > 0 ? Number(age.toFixed(3)) : 0;
  }

  state(claim: Claim): State {
    const liveness = this.census.liveness(claim);
    if (liveness === "unknown") return "unknown";
    return this.stateOf(claim, liveness);
  }

  private stateOf(claim: Claim, liveness: Liveness): State {
    const bound = this.sockets.isBound(claim.port);
    const young = this.age(claim) < this.grace;
    if (liveness === "alive") {
      if (bound) return "listening";
      return young || this.awaiting.isRestarting(claim, this.grace) ? "starting" : "idle";
    }
    if (bound) return "orphaned";
    return young && this.awaiting.mayCome(claim, this.age(claim)) ? "starting" : "dead";
  }

  /** Whether somebody may still be about to bind the port of a claim whose owner lives. */
  isAwaited(claim: Claim): boolean {
    return this.awaiting.isAwaited(claim, this.age(claim));
  }
}
