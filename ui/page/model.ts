import type { ClaimView } from "../../registry/model/claim.ts";
import type { ClaimEvent } from "../../registry/model/event.ts";
import type { Identity, PastEvent, Pool, Snapshot } from "./wire.ts";

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
  /** When the connection was lost: milliseconds since 1970, and of performance.now(). */
  lostAt: number;
  frozenAt: number;
  /** The version of the page that the server serves. */
  page: string | undefined;
  mayChange: boolean;
  identity: Identity | undefined;
  claims: ReadonlyMap<number, SeenClaim>;
  pool: Pool | undefined;
  /** When the pool was received: milliseconds of performance.now(). */
  poolSeen: number;
  /** The newest first. */
  events: readonly PastEvent[];
}

export const EMPTY: Model = {
  connection: "connecting",
  lostAt: 0,
  frozenAt: 0,
  page: undefined,
  mayChange: false,
  identity: undefined,
  claims: new Map(),
  pool: undefined,
  poolSeen: 0,
  events: [],
};

const MOST_EVENTS = 300;

/** A model that starts from a snapshot. */
export function withSnapshot(model: Model, snapshot: Snapshot, now: number): Model {
  const { page, mayChange, identity, claims, history, recent, pool } = snapshot;
  const seen = claims.map((claim): [number, SeenClaim] => {
    const changes = model.claims.get(claim.port)?.changes ?? 0;
    return [claim.port, { claim, seen: now, changes }];
  });
  const events = addEvents(history.toReversed(), recent);
  const known = { page, mayChange, identity, claims: new Map(seen), events };
  return { ...withPool(model, pool, now), ...known, connection: "live" };
}

export function withPool(model: Model, pool: Pool, now: number): Model {
  return { ...model, pool, poolSeen: now };
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

function addEvents(known: readonly PastEvent[], events: readonly ClaimEvent[]) {
  return [...events.map(pastEvent).toReversed(), ...known].slice(0, MOST_EVENTS);
}

function pastEvent({ event, at, reason, claim }: ClaimEvent): PastEvent {
  const { port, service, project, agent, state } = claim;
  const kind = event === "released" ? "gone" : state;
  return { at, port, kind, service, project, agent, text: reason, isState: event === "changed" };
}
