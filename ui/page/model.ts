import type { ClaimView } from "../../registry/model/claim.ts";
import type { Change, Pool, Snapshot } from "./wire.ts";

/** A claim as it was told, and when: its age goes on from there. */
export interface Held {
  claim: ClaimView;
  /** Milliseconds of performance.now(). */
  seen: number;
  /** How often it changed before the eyes of who looks. */
  news: number;
}

/** All that the page shows. */
export interface Model {
  line: "opening" | "live" | "lost";
  /** When the line was lost: milliseconds since 1970. */
  lostAt: number;
  /** Which page the server serves. */
  page: string | undefined;
  mayChange: boolean;
  claims: ReadonlyMap<number, Held>;
  pool: Pool | undefined;
  /** When the pool was told: milliseconds of performance.now(). */
  poolSeen: number;
  /** What happened, the newest first. */
  feed: readonly Change[];
}

export const NOTHING: Model = {
  line: "opening",
  lostAt: 0,
  page: undefined,
  mayChange: false,
  claims: new Map(),
  pool: undefined,
  poolSeen: 0,
  feed: [],
};

const LONGEST_FEED = 200;

/** Everything anew; what went on while the line was cut is found by comparing. */
export function withSnapshot(model: Model, snapshot: Snapshot, now: number): Model {
  const { page, mayChange, claims, recent, pool } = snapshot;
  const missed = model.page === undefined ? [] : missedChanges(model, claims);
  const held = claims.map((claim): [number, Held] => {
    const news = model.claims.get(claim.port)?.news ?? 0;
    return [claim.port, { claim, seen: now, news }];
  });
  const feed = withFeed(model.feed, [...recent, ...missed]);
  const told = { page, mayChange, claims: new Map(held), feed };
  return { ...withPool(model, pool, now), ...told, line: "live" };
}

/** What matters besides the claims. */
export function withPool(model: Model, pool: Pool, now: number): Model {
  return { ...model, pool, poolSeen: now };
}

function missedChanges(model: Model, claims: readonly ClaimView[]): Change[] {
  const at = new Date().toISOString();
  const reason = "seen when the line was back";
  const now = new Map(claims.map((claim) => [claim.port, claim]));
  const isThere = ({ port, claimed_at }: ClaimView) => now.get(port)?.claimed_at === claimed_at;
  const gone = [...model.claims.values()].filter(({ claim }) => !isThere(claim));
  const come = claims.filter(
    ({ port, claimed_at }) => model.claims.get(port)?.claim.claimed_at !== claimed_at,
  );
  const changed = claims.filter(({ port, claimed_at, state }) => {
    const was = model.claims.get(port)?.claim;
    return was?.claimed_at === claimed_at && was.state !== state;
  });
  return [
    ...gone.map(({ claim }): Change => ({ event: "released", at, reason, claim })),
    ...come.map((claim): Change => ({ event: "claimed", at, reason, claim })),
    ...changed.map((claim): Change => ({ event: "changed", at, reason, claim })),
  ];
}

/** What happened, one thing after the other. */
export function withChanges(model: Model, changes: readonly Change[], now: number): Model {
  const claims = new Map(model.claims);
  for (const { event, claim } of changes) {
    const news = (claims.get(claim.port)?.news ?? 0) + 1;
    if (event === "released") claims.delete(claim.port);
    else claims.set(claim.port, { claim, seen: now, news });
  }
  return { ...model, claims, feed: withFeed(model.feed, changes) };
}

const keyOf = ({ event, at, claim }: Change) => `${at} ${event} ${claim.port}`;

/** Newest first; what is known already is not told twice. */
function withFeed(feed: readonly Change[], changes: readonly Change[]): readonly Change[] {
  const known = new Set(feed.map(keyOf));
  const fresh = changes.filter((change) => !known.has(keyOf(change)));
  return [...fresh.toReversed(), ...feed].slice(0, LONGEST_FEED);
}
