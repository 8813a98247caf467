import { DEFAULTS } from "../../registry/config/config.ts";
import { contains } from "../../registry/config/pool.ts";
import { BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import { findUnclaimed } from "../../registry/query/unclaimed.ts";
import type { WatchUpdate } from "../../registry/watch/watch.ts";
import type { Pool } from "../page/wire.ts";

/** The pool as one look at the registry found it; `own` is the dashboard's port. */
export function poolOf({ registry, claims, unreadable }: WatchUpdate, own: number): Pool {
  const { range, exclude } = registry.config;
  const held = [...claims, ...unreadable].map(({ port }) => port);
  const inRange = (ports: Iterable<number>) =>
    [...ports].filter((port) => contains(range, port)).toSorted((a, b) => a - b);
  return {
    range,
    exclude: inRange(exclude),
    refused: inRange(BLOCKED_PORTS),
    strangers: findUnclaimed(registry, held).filter(({ port }) => port !== own),
    unreadable,
    own,
    problem: null,
  };
}

/** What is said of the pool while nothing of it could be read. */
export function unknownPool(own: number, problem: string): Pool {
  const { range } = DEFAULTS;
  return { range, exclude: [], refused: [], strangers: [], unreadable: [], own, problem };
}

/** A text that differs only if two pools do; the age of a listener is no difference. */
export function fingerprint(pool: Pool): string {
  return JSON.stringify(pool, (key, value: unknown) => (key === "age" ? null : value));
}
