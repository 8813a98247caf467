import type { ClaimEvent, ClaimView } from "../../registry/model/claim.ts";
import type { Pool, Snapshot } from "./wire.ts";

/** A claim as it was received; its age is counted from there. */
export interface SeenClaim {
  claim: ClaimView;
  /** Milliseconds of performance.now(). */
  seen: number;
  /** How many of its changes this page has shown. */
  changes: number;
}

/** Everything that the page shows. */
export interface Model {
  connection: "connecting" | "live" | "lost";
  /** When the connection was lost: milliseconds since 1970. */
  lostAt: number;
  /** The version of the page that the server serves. */
  page: string | undefined;
  mayChange: boolean;
  claims: ReadonlyMap<number, SeenClaim>;
  pool: Pool | undefined;
  /** When the pool was received: milliseconds of performance.now(). */
  poolSeen: number;
  /** The newest first. */
  events: readonly ClaimEvent[];
}

export const EMPTY: Model = {
  connection: "connecting",
  lostAt: 0,
  page: undefined,
  mayChange: false,
  claims: new Map(),
  pool: undefined,
  poolSeen: 0,
  events: [],
};

const MOST_EVENTS = 200;

/** A model that starts from a snapshot; what changed while the page was disconnected becomes events. */
export function withSnapshot(model: Model, snapshot: Snapshot, now: number): Model {
  const { page, mayChange, claims, recent, pool } = snapshot;
  const missed = model.page === undefined ? [] : missedEvents(model, claims);
  const seen = claims.map((claim): [number, SeenClaim] => {
    const changes = model.claims.get(claim.port)?.changes ?? 0;
    return [claim.port, { claim, seen: now, changes }];
  });
  const events = addEvents(model.events, [...recent, ...missed]);
  const known = { page, mayChange, claims: new Map(seen), events };
  return { ...withPool(model, pool, now), ...known, connection: "live" };
}

export function withPool(model: Model, pool: Pool, now: number): Model {
  return { ...model, pool, poolSeen: now };
}

function missedEvents(model: Model, claims: readonly ClaimView[]): ClaimEvent[] {
  const at = new Date().toISOString();
  const reason = "seen after reconnecting";
  const now = new Map(claims.map((claim) => [claim.port, claim]));
  const isThere = ({ port, claimed_at }: ClaimView) => now.get(port)?.claimed_at === claimed_at;
  const released = [...model.claims.values()].filter(({ claim }) => !isThere(claim));
  const claimed = claims.filter(
    ({ port, claimed_at }) => model.claims.get(port)?.claim.claimed_at !== claimed_at,
  );
  const changed = claims.filter(({ port, claimed_at, state }) => {
    const was = model.claims.get(port)?.claim;
    return was?.claimed_at === claimed_at && was.state !== state;
  });
  return [
    ...released.map(({ claim }): ClaimEvent => ({ event: "released", at, reason, claim })),
    ...claimed.map((claim): ClaimEvent => ({ event: "claimed", at, reason, claim })),
    ...changed.map((claim): ClaimEvent => ({ event: "changed", at, reason, claim })),
  ];
}

/** A model after some events. */
export function withEvents(model: Model, events: readonly ClaimEvent[], now: number): Model {
  const claims = new Map(model.claims);
  for (const { event, claim } of events) {
    const changes = (claims.get(claim.port)?.changes ?? 0) + 1;
    if (event === "released") claims.delete(claim.port);
    else claims.set(claim.port, { claim, seen: now, changes });
  }
  return { ...model, claims, events: addEvents(model.events, events) };
}

const keyOf = ({ event, at, claim }: ClaimEvent) => `${at} ${event} ${claim.port}`;

/** Adds the events that aren't known yet. */
function addEvents(
  known: readonly ClaimEvent[],
  events: readonly ClaimEvent[],
): readonly ClaimEvent[] {
  const keys = new Set(known.map(keyOf));
  const added = events.filter((event) => !keys.has(keyOf(event)));
  return [...added.toReversed(), ...known].slice(0, MOST_EVENTS);
}
