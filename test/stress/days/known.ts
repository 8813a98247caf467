import { type Aim, mayEnd } from "./judge.ts";
import type { ProcessId } from "./machine.ts";
import type { Place } from "./place.ts";

/** An agent, for a day. */
export interface Worker {
  name: string;
  process: ProcessId;
  place: Place;
  /** The id of its session, in a variable that its servers inherit. */
  session?: string | undefined;
  /** It has ended, or is about to. */
  hasLeft?: boolean;
}

/** Something that may end while a call runs: nothing is expected of it meanwhile. */
interface Doubtful {
  doubts: number;
  /** Since when it may have ended. */
  since?: number | undefined;
}

export interface Server extends Doubtful {
  id: string;
  kind: string;
  service: string;
  place: Place;
  worker: Worker;
  /** The process that it ends with: a supervisor, else the listener. */
  process: ProcessId;
  /** The port that it listens on, and the one that it has claimed; `ports`: both. */
  port: number;
  claimed: number;
  ports: number[];
}

export interface Promised extends Doubtful {
  claim: string;
  /** When the claim was made, which an adoption leaves as it was. */
  claimedAt?: string | undefined;
  port: number;
  service: string;
  place: Place;
  /** The claim lives as long as this. */
  holder: Worker | Server;
}

/** A call that may end something, for as long as it runs. */
export interface Ending {
  aims: { servers?: Aim; claims?: Aim };
  from: number;
  to: number;
  doubted: Set<Server | Promised>;
}

export const isServer = (one: object): one is Server => "kind" in one;

export const nameOf = ({ holder }: Promised) =>
  isServer(holder) ? `${holder.kind} ${holder.id}` : holder.name;

export function isAimedAt({ servers, claims }: Ending["aims"], one: Server | Promised): boolean {
  if (isServer(one)) return servers !== undefined && mayEnd(servers, one);
  if (claims !== undefined && mayEnd(claims, { ...one, ports: [one.port] })) return true;
  return servers !== undefined && isServer(one.holder) && mayEnd(servers, one.holder);
}
