/** A persistent claim is exempt from `--max-age` and from being reassigned while it is idle. */
export type Lease = "ephemeral" | "persistent";

/** The process that a claim belongs to, pinned to one machine, boot, namespace and start time. */
export interface Owner {
  /** Its program, for people to read. */
  command: string;
  /** When it started, in the machine's own units: together with the pid it names one process. */
  start: string | null;
  boot: string | null;
  /** Inodes of its pid and network namespaces. */
  pidns: string | null;
  netns: string | null;
  /** machine-id(5), not the host's name. */
  host: string | null;
  /** Process group of the throwaway shell that made the claim, else the owner's; none with `--pid`. */
  group?: number;
  /** Whether that group is not the owner's own, so that everything in it came with the call. */
  throwaway?: boolean;
  /** The throwaway shell that made the claim, where it shares the owner's group. */
  shell?: { pid: number; start: string };
  /** The owner is the server itself or its supervisor: `run`, or an adopted claim. */
  serves?: boolean;
  /** What `run` put into its command's environment as PORTCLAIM_MARK. Never shown. */
  mark?: string;
  /** The session id of the agent that made the claim, from the agent's own variable. Never shown. */
  session?: string;
  /** When it was claimed: seconds of CLOCK_MONOTONIC, which can't be set. */
  at: string;
  /** When it was claimed, on the scale of `start`: a process that started later may be the server. */
  asked?: number;
}

/** One claimed port, as in `claims/<port>.json`. The first seven fields are always there. */
export interface Claim {
  port: number;
  pid: number;
  agent: string | null;
  project: string;
  service: string;
  /** UTC, with microseconds: 2026-03-17T14:32:01.123456Z. */
  claimed_at: string;
  lease: Lease;
  cwd?: string;
  /** The checkout that `cwd` lies in. */
  root?: string;
  /** The main checkout, where `root` is a linked git worktree; the repository, where that is bare. */
  repository?: string;
  owner?: Owner;
}

/** "occupied": the owner lives, and only foreign listeners are on the port. */
export type State =
  | "starting"
  | "listening"
  | "occupied"
  | "idle"
  | "orphaned"
  | "dead"
  | "unknown";

/** A process that listens on a port. Fields that this user may not see are `null`. */
export interface ListenerView {
  pid: number | null;
  command: string | null;
  cwd: string | null;
  /** Seconds since it started. */
  age: number | null;
  /** The addresses that it is bound to. */
  addresses: string[];
  uid: number | null;
  /** Whether it is stopped by a signal (Ctrl-Z), and so answers nothing. */
  suspended?: true;
}

/** A port that a claim's server listens on instead of the claimed one. */
export interface Elsewhere {
  port: number;
  pid: number;
  command: string;
}

/** A claim as it stands now: the object of `list --json` and `GET /api/claims`. */
export interface ClaimView extends Claim {
  state: State;
  /** Seconds since it was claimed. */
  age: number;
  /** What listens on the port, foreign listeners included. */
  listeners: ListenerView[];
  /** Those of `listeners` that don't belong to the claim; left out if there are none. */
  foreign?: ListenerView[];
  /** Unclaimed ports that its server listens on while nothing covered listens on the claimed one. */
  elsewhere?: Elsewhere[];
}

/** A claim as it may be shown: without what would let another process pass for its server. */
export function withoutSecrets<T extends Claim>(claim: T): T {
  if (claim.owner?.mark === undefined && claim.owner?.session === undefined) return claim;
  const { mark: _mark, session: _session, ...owner } = claim.owner;
  return { ...claim, owner };
}

/** One thing that happened to a claim: a line of `watch --json`, a message of `GET /api/events`. */
export interface ClaimEvent {
  event: "claimed" | "changed" | "released";
  /** When it was seen, as `claimed_at` is written. */
  at: string;
  /** Why, in words; names no command and no directory. */
  reason: string;
  /** The claim as it is now, or as it last was if it was released. */
  claim: ClaimView;
}

/** A port of the pool that has a listener but no claim. */
export interface UnclaimedListener {
  port: number;
  listeners: ListenerView[];
}

export const LOWEST_PORT = 1;
export const HIGHEST_PORT = 65_535;

/** Whether a number can be a TCP port: 1 to 65535. */
export function isPort(value: unknown): value is number {
  if (typeof value !== "number") return false;
  return value >= LOWEST_PORT && value <= HIGHEST_PORT && value % 1 === 0;
}

/** Reads a text of nothing but digits; `undefined` for any other text. */
export function parseDigits(text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return text === "" ? undefined : Number(text);
}

/** The port of a claim file's name; `undefined` for any other name. */
export function portOfFile(name: string): number | undefined {
  if (!name.endsWith(".json")) return undefined;
  const port = Number(name.slice(0, -5));
  // "03000", "3e3" and " 3000" are numbers too, but not names of claim files.
  return isPort(port) && name === `${port}.json` ? port : undefined;
}

/** A time span for people: 3s, 12m, 5h, 2d. */
export function formatAge(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Microseconds since 1970 in the format of `claimed_at`. */
export function formatTime(microseconds: number): string {
  const rest = microseconds % 1000;
  const date = new Date((microseconds - rest) / 1000).toISOString().slice(0, -1);
  return `${date}${String(rest).padStart(3, "0")}Z`;
}
