import { monotonic } from "../../../native/linux/clock.ts";
import { type Aimed, mayEnd } from "./judge.ts";
import { type Ending, isAimedAt, isServer, type Promised, type Server } from "./known.ts";

/** The calls that may end something, and what is in doubt while they run. */
export class Endings {
  readonly #all: Ending[] = [];

  constructor(readonly mayBeTaken: (server: Server, service: string) => boolean) {}

  /** `known`: what there is when the call begins. */
  begin(aims: Ending["aims"], known: readonly (Server | Promised)[]): Ending {
    const ending: Ending = { aims, from: monotonic(), to: Infinity, doubted: new Set() };
    this.#all.push(ending);
    for (const one of known) this.doubt(one);
    return ending;
  }

  /** Returns what is in doubt no longer. */
  finish(ending: Ending): (Server | Promised)[] {
    ending.to = monotonic();
    for (const one of ending.doubted) one.doubts--;
    return [...ending.doubted].filter(({ doubts }) => doubts === 0);
  }

  /** What a call that still runs may end is in doubt. */
  doubt(one: Server | Promised): void {
    for (const { aims, to, from, doubted } of this.#all) {
      if (to < Infinity || doubted.has(one)) continue;
      if (!isAimedAt(aims, one) && !this.#isTaken(aims, one)) continue;
      doubted.add(one);
      if (one.doubts++ === 0) one.since = from;
    }
  }

  #isTaken({ servers }: Ending["aims"], one: Server | Promised): boolean {
    if (servers?.service === undefined || !isServer(one)) return false;
    return one.place.root === servers.root && this.mayBeTaken(one, servers.service);
  }

  /** Whether a call that still runs may end a claim, and leave its server. */
  mayBeReleased(claim: Promised): boolean {
    return this.#all.some(
      ({ aims: { claims }, to }) => to === Infinity && claims && isAimedAt({ claims }, claim),
    );
  }

  /** A call that is over, and may have ended a claim since then. */
  over(claim: Promised, since: number): Ending | undefined {
    return this.#all.find(({ aims, to }) => to >= since && to < Infinity && isAimedAt(aims, claim));
  }

  /** Whether a call since then may have ended a server that was only starting. */
  mayHaveEnded(starting: Aimed, since: number): boolean {
    return this.#all.some(
      ({ aims, to }) => to >= since && aims.servers !== undefined && mayEnd(aims.servers, starting),
    );
  }
}
