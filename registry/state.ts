import type { Claim, State } from "./claim.ts";
import { Census, type Liveness } from "./liveness.ts";
import type { Machine, Process } from "./machine.ts";
import type { Caller } from "./owner.ts";
import { Sockets } from "./sockets.ts";

/** How long a claim of an interactive shell or a script counts as awaited in any case. */
const JUST_CLAIMED = 10;

/** Claims as they stand now, seen once: make one for each operation. */
export class Observer {
  readonly census: Census;
  readonly sockets: Sockets;
  /** @param grace seconds in which a port that is not bound yet is not free game */
  constructor(
    readonly machine: Machine,
    readonly grace: number,
    readonly caller?: Caller,
  ) {
    this.census = new Census(machine);
    this.sockets = new Sockets(this.census);
  }

  /** Seconds since a claim was made: awake ones of this boot, else by the wall clock. */
  age({ owner, claimed_at }: Claim): number {
    const here = owner !== undefined && owner.boot === this.census.place.boot;
    const age = here
      ? this.machine.monotonic() - Number(owner.at)
      : this.machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000;
    return Math.max(0, Math.round(age * 1000) / 1000);
  }

  state(claim: Claim): State {
    const liveness = this.census.liveness(claim);
    if (liveness === "unknown") return "unknown";
    return this.#stateOf(claim, liveness);
  }

  #stateOf(claim: Claim, liveness: Liveness): State {
    const bound = this.sockets.isBound(claim.port);
    const young = this.age(claim) < this.grace;
    if (liveness === "alive") {
      if (bound) return "listening";
      return young ? "starting" : "idle";
    }
    if (bound) return "orphaned";
    return young && this.#serverMayCome(claim) ? "starting" : "dead";
  }

  /** Whether somebody may still be about to bind the port of a claim whose owner lives. */
  isAwaited(claim: Claim): boolean {
    const { owner } = claim;
    if (owner === undefined) return this.age(claim) < JUST_CLAIMED;
    if (owner.throwaway) return this.#groupLives(owner.group ?? 0);
    if (this.age(claim) < JUST_CLAIMED) return true;
    if (this.census.shellLives(owner) && !this.#isCaller(owner.shell?.pid ?? 0)) return true;
    return this.census
      .everybody()
      .some(
        (process) =>
          process.start >= (owner.asked ?? 0) &&
          !this.#isCaller(process.pid) &&
          this.census.descendsFrom(process.pid, claim.pid),
      );
  }

  /** The same for one whose owner ended: its descendants are known by their group alone. */
  #serverMayCome(claim: Claim): boolean {
    const { owner } = claim;
    if (owner?.group === undefined) return false;
    if (owner.throwaway) return this.#groupLives(owner.group);
    if (this.age(claim) < JUST_CLAIMED || this.census.shellLives(owner)) return true;
    const asked = owner.asked ?? 0;
    return this.#members(owner.group).some(
      ({ pid, start }) => start >= asked && !this.#isCaller(pid),
    );
  }

  #groupLives(group: number): boolean {
    return this.#members(group).some(({ pid }) => pid !== this.machine.pid);
  }

  #members(group: number): Process[] {
    if (!this.machine.exists(-group)) return [];
    return this.census.everybody().filter((process) => process.group === group);
  }

  #isCaller(pid: number): boolean {
    return this.caller?.lineage.has(pid) ?? false;
  }
}
