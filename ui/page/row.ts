import type { State } from "../../registry/model/claim.ts";
import { formatAge } from "../../registry/model/time.ts";

/** The state of a port's row: a claim's, or what needs attention about it. */
export type Kind = State | "elsewhere" | "shared" | "suspended" | "unclaimed" | "unreadable";

export const KINDS: readonly Kind[] = [
  "occupied",
  "unreadable",
  "elsewhere",
  "shared",
  "suspended",
  "orphaned",
  "unclaimed",
  "listening",
  "starting",
  "unknown",
  "idle",
  "dead",
];

export const needsAttention = (kind: Kind): boolean => KINDS.indexOf(kind) <= 6;

/** One row of the table, in plain values that are cheap to compare. */
export interface Row {
  port: number;
  kind: Kind;
  /** Why it needs attention, as a sentence. */
  note: string;
  /** The service, or what is known instead. */
  service: string;
  project: string;
  /** The branch of its checkout, if its project has several. */
  branch: string;
  agent: string;
  owner: string;
  /** The first listening process. */
  process: string;
  /** What stopping it would end: the service, or the foreign server in its place. */
  server: string;
  /** The port to open in a browser; 0 if nothing listens. */
  opens: number;
  /** Addresses beyond loopback. */
  addresses: string;
  /** When its age was 0: milliseconds of performance.now(), negative if before the page was loaded. */
  bornAt: number | undefined;
  directory: string;
  path: string;
  isPersistent: boolean;
  changes: number;
}

/** "web on 3000": what an action refers to. */
export const nameOf = ({ port, service }: Row, name = service): string =>
  name === "" ? `port ${port}` : `${name} on ${port}`;

/** "java on 3000": what "Stop" refers to. */
export const serverOf = (row: Row): string => nameOf(row, row.server);

/** The age of a row in words. `now` is performance.now(). */
export function ageOf({ bornAt }: Row, now: number): string {
  return bornAt === undefined ? "" : formatAge(Math.max(0, now - bornAt) / 1000);
}
