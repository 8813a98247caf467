import type {
  ClaimView,
  PlannedServer,
  State,
  UnclaimedListener,
} from "../../registry/model/claim.ts";
import type { ClaimEvent } from "../../registry/model/event.ts";

/** The pool, apart from its claims: the data of a message named "pool". */
export interface Pool {
  range: { first: number; last: number };
  /** Ports that the config excludes. */
  excluded: number[];
  /** Ports that browsers refuse to open. */
  blocked: number[];
  unclaimed: UnclaimedListener[];
  /** Claim files that can't be read. */
  unreadable: { port: number; problem: string }[];
  /** The branches of the claims' checkouts, by root. */
  branches: Record<string, string>;
  /** The dashboard's own port. */
  own: number;
  /** Why the registry can't be read at the moment. */
  problem: string | null;
}

/** Which dashboard this is. */
export interface Identity {
  version: string;
  host: string;
  /** The registry's directory and the user's; missing for visitors from other machines. */
  registry?: string;
  home?: string;
  /** The agents on this machine that `setup` could set up. */
  agents?: readonly string[];
}

/** What happened to a port, as the page shows it. */
export interface PastEvent {
  /** In the format of `claimed_at`. */
  at: string;
  port: number;
  /** The state that it led to; "gone": there is no claim any more. */
  kind: State | "gone";
  service: string;
  project: string;
  agent: string | null;
  text: string;
  /** A change of state, which the page saw and the history doesn't record. */
  isState?: boolean;
}

/** Everything that a page starts from: the data of a message named "snapshot". */
export interface Snapshot {
  /** The version of the page that this server serves; a page of another version reloads. */
  page: string;
  mayChange: boolean;
  identity: Identity;
  claims: ClaimView[];
  /** What happened until the dashboard began to watch, and since then; the newest last. */
  history: PastEvent[];
  recent: ClaimEvent[];
  pool: Pool;
}

/** What `POST /api/reap` answers for one claim. */
export interface ReapOutcome {
  port: number;
  service: string;
  project: string;
  pid: number;
  state: ClaimView["state"];
  action: "reaped" | "released" | "handed-over" | "kept";
  reason: string;
  /** The pid of its new owner, if a server adopted it. */
  now?: number;
}

/** What `GET /api/ports/PORT` answers. */
export interface PortDetails {
  port: number;
  /** The path of its claim file, whether or not it exists. */
  file: string;
  servers: PlannedServer[];
  /** The newest last. */
  history: PastEvent[];
}
