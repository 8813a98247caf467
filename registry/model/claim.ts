/** How a claim may end: a persistent one is safe from `--max-age` and from being taken over. */
export type Lease = "ephemeral" | "persistent";

/** Which process a claim belongs to, pinned to one machine, boot, namespace and start. */
export interface Owner {
  /** Its program, for people to read. */
  command: string;
  /** When it started, as the machine counts: with the pid it names one process. */
  start: string | null;
  boot: string | null;
  /** Inodes of its pid and network namespaces. */
  pidns: string | null;
  netns: string | null;
  /** machine-id(5), not the host's name. */
  host: string | null;
  /** Process group of the throwaway shell that asked, else the owner's; none with `--pid`. */
  group?: number;
  /** Whether that group is not the owner's own: all that is in it came with the call. */
  throwaway?: boolean;
  /** The throwaway shell that asked, where it shares the owner's group. */
  shell?: { pid: number; start: string };
  /** It is the server itself, or what restarts it, and not who asked. */
  serves?: boolean;
  /** When it was claimed: seconds of CLOCK_MONOTONIC, which nobody can set. */
  at: string;
  /** When it was asked for, on the scale of `start`: what started later may be the server. */
  asked?: number;
}

/** One claimed port, as `claims/<port>.json` has it. The first seven fields are always there. */
export interface Claim {
  port: number;
  pid: number;
  agent: string | null;
  project: string;
  service: string;
  /** UTC, in microseconds: 2026-03-17T14:32:01.123456Z. */
  claimed_at: string;
  lease: Lease;
  cwd?: string;
  owner?: Owner;
}

export type State = "starting" | "listening" | "idle" | "orphaned" | "dead" | "unknown";

/** A process that listens on a claimed port; what may not be seen is `null`. */
export interface ListenerView {
  pid: number | null;
  command: string | null;
  cwd: string | null;
  /** Seconds since it started. */
  age: number | null;
  /** Addresses it is bound to. */
  addresses: string[];
  uid: number | null;
}

/** A claim with what is so now: the object of `list --json` and `GET /api/claims`. */
export interface ClaimView extends Claim {
  state: State;
  /** Seconds since it was claimed. */
  age: number;
  listeners: ListenerView[];
}

export const LOWEST_PORT = 1;
export const HIGHEST_PORT = 65_535;

/** Whether a number can be a TCP port: 1 to 65535. */
export function isPort(value: unknown): value is number {
  if (typeof value !== "number") return false;
  return value >= LOWEST_PORT && value <= HIGHEST_PORT && value % 1 === 0;
}

/** The number that a text of digits alone stands for; `undefined` for any other text. */
export function parseDigits(text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return text === "" ? undefined : Number(text);
}

/** The port that a file in claims/ is named for; `undefined` for any other name. */
export function portOfFile(name: string): number | undefined {
  if (!name.endsWith(".json")) return undefined;
  const port = Number(name.slice(0, -5));
  // Only one text is this number's own: not "03000", "3e3" or " 3000".
  return isPort(port) && name === `${port}.json` ? port : undefined;
}

/** 3 s, 12 min, 5 h, 2 d: how long ago, for people. */
export function formatAge(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Microseconds since 1970 as the text of `claimed_at`. */
export function formatTime(microseconds: number): string {
  const rest = microseconds % 1000;
  const date = new Date((microseconds - rest) / 1000).toISOString().slice(0, -1);
  return `${date}${String(rest).padStart(3, "0")}Z`;
}
