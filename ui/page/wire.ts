import type {
  ClaimEvent,
  ClaimView,
  PlannedServer,
  UnclaimedListener,
} from "../../registry/model/claim.ts";

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
  /** The dashboard's own port. */
  own: number;
  /** Why the registry can't be read at the moment. */
  problem: string | null;
}

/** Everything that a page starts from: the data of a message named "snapshot". */
export interface Snapshot {
  /** The version of the page that this server serves; a page of another version reloads. */
  page: string;
  mayChange: boolean;
  claims: ClaimView[];
  /** Recent events, the newest last. */
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
}
