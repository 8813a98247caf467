import type { ClaimView, ListenerView } from "../../registry/model/claim.ts";

/** What happened to a claim: the data of an unnamed message of `GET /api/events`. */
export interface Change {
  event: "claimed" | "changed" | "released";
  at: string;
  reason: string;
  claim: ClaimView;
}

/** A port of the pool on which something listens that nobody claimed it for. */
export interface Stranger {
  port: number;
  listeners: ListenerView[];
}

/** All that matters besides the claims: the data of a message named "pool". */
export interface Pool {
  range: { first: number; last: number };
  /** Never chosen, as the config or portclaim itself says. */
  exclude: number[];
  /** Never chosen, because browsers refuse to open them. */
  refused: number[];
  strangers: Stranger[];
  /** Claim files that can't be understood. */
  unreadable: { port: number; problem: string }[];
  /** The dashboard's own port. */
  own: number;
  /** Why the registry can't be read now. */
  problem: string | null;
}

/** Everything, which is where a page starts from: the data of a message named "snapshot". */
export interface Snapshot {
  /** Which page this server serves: an older one loads itself anew. */
  page: string;
  mayChange: boolean;
  claims: ClaimView[];
  /** What happened lately, the newest last. */
  recent: Change[];
  pool: Pool;
}

/** What `POST /api/reap` says of one claim. */
export interface ReapOutcome {
  port: number;
  service: string;
  project: string;
  pid: number;
  state: ClaimView["state"];
  action: "reaped" | "released" | "handed-over" | "kept";
  reason: string;
  /** The pid of its new owner, if it was handed over. */
  now?: number;
}
