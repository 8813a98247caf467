/** A persistent claim is exempt from `--max-age` and isn't reassigned while idle. */
export type Lease = "ephemeral" | "persistent";

/** The process that a claim belongs to, identified by machine, boot, namespace and start time. */
export interface Owner {
  /** Its program, for display. */
  command: string;
  /** Its start time in the platform's units. With the pid, it identifies one process. */
  start: string | null;
  boot: string | null;
  /** Inodes of its pid and network namespaces. */
  pidns: string | null;
  netns: string | null;
  /** machine-id(5), not the host name. */
  host: string | null;
  /** The process group of the throwaway shell that made the claim, else the owner's. Unset with `--pid`. */
  group?: number;
  /** Whether the group isn't the owner's own, so that everything in it belongs to the call. */
  throwaway?: boolean;
  /** The throwaway shell that made the claim, if it shares the owner's group. */
  shell?: { pid: number; start: string };
  /** The owner is the server itself or its supervisor: `run`, or an adopted claim. */
  serves?: boolean;
  /** The value that `run` added to PORTCLAIM_MARK in its command's environment. Never shown. */
  mark?: string;
  /** The session id of the agent that made the claim, from the agent's environment variable. Never shown. */
  session?: string;
  /** When it was claimed: seconds of CLOCK_MONOTONIC, which can't be set. */
  at: string;
  /** When it was claimed, in the units of `start`: a process that started later may be the server. */
  asked?: number;
}

/** One claimed port, as in `claims/<port>.json`. The first seven fields are always present. */
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
  /** The checkout that contains `cwd`. */
  root?: string;
  /** What all checkouts of the repository share: the main checkout or the repository. Unset in the main one. */
  repository?: string;
  /** Made by `env`: never idle, and the next acquire or run of the service takes it over. */
  reserved?: true;
  owner?: Owner;
}

/**
 * "occupied": the owner is alive, but only foreign processes listen on the port. "dead": the owner has
 * exited, and nothing but foreign processes listens.
 */
export type State =
  | "starting"
  | "listening"
  | "occupied"
  | "idle"
  | "orphaned"
  | "dead"
  | "unknown";

/** A process that listens on a port. Fields that this user can't read are `null`. */
export interface ListenerView {
  pid: number | null;
  command: string | null;
  cwd: string | null;
  /** Seconds since it started. */
  age: number | null;
  /** The addresses that it listens on. */
  addresses: string[];
  uid: number | null;
  /** Whether it is stopped by a signal (Ctrl-Z) and so doesn't respond. */
  suspended?: true;
}

/** A port that a claim's server listens on instead of the claimed one. */
export interface Elsewhere {
  port: number;
  pid: number;
  command: string;
}

/** A claim with its current state, as in `list --json` and `GET /api/claims`. */
export interface ClaimView extends Claim {
  state: State;
  /** Seconds since it was claimed. */
  age: number;
  /** The listeners on the port, including foreign ones. */
  listeners: ListenerView[];
  /** The foreign ones among `listeners`; missing if there are none. */
  foreign?: ListenerView[];
  /** Unclaimed ports that its server listens on while nothing covered listens on the claimed one. */
  elsewhere?: Elsewhere[];
}

/** A claim without the secrets that would let another process pass as its server. */
export function withoutSecrets<T extends Claim>(claim: T): T {
  if (claim.owner?.mark === undefined && claim.owner?.session === undefined) return claim;
  const { mark: _mark, session: _session, ...owner } = claim.owner;
  return { ...claim, owner };
}

/** A port in the pool with a listener but no claim. */
export interface UnclaimedListener {
  port: number;
  listeners: ListenerView[];
}

/** A process with its whole command line, which may contain secrets. */
export interface ProcessView {
  pid: number;
  command: string;
  commandLine: string;
}

/** A server on a port, and what stopping it would end. */
export interface PlannedServer extends ProcessView {
  /** Its start time in the platform's units: with the pid, it identifies the process to stop. */
  start: string;
  cwd: string | null;
  /** The port that it listens on: another one if a claim's server listens elsewhere. */
  port: number;
  /** Whether it belongs to the port's claim. */
  covered: boolean;
  /** Why it can't be stopped from here; missing if it can. */
  refusal?: string;
  /** The process that listens, then its ancestors up to the owner, or as far as they can be seen. */
  tree: ProcessView[];
  /** Other processes that end with it. */
  processes: { pid: number; command: string }[];
  /** Other ports on which these processes listen, and the services that claim them. */
  also: { port: number; service: string | null }[];
}

export const LOWEST_PORT = 1;
export const HIGHEST_PORT = 65_535;

/** Whether a value is a TCP port: 1 to 65535. */
export function isPort(value: unknown): value is number {
  if (typeof value !== "number") return false;
  return value >= LOWEST_PORT && value <= HIGHEST_PORT && value % 1 === 0;
}

/** Parses a text that consists only of digits; `undefined` for any other text. */
export function parseDigits(text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return text === "" ? undefined : Number(text);
}

/** The port in a claim file's name; `undefined` for any other name. */
export function portOfFile(name: string): number | undefined {
  if (!name.endsWith(".json")) return undefined;
  const port = Number(name.slice(0, -5));
  // "03000", "3e3" and " 3000" also parse as numbers, but aren't claim files.
  return isPort(port) && name === `${port}.json` ? port : undefined;
}
