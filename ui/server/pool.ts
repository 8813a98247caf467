import { branchOf } from "../../registry/config/branch.ts";
import { DEFAULTS } from "../../registry/config/config.ts";
import { contains } from "../../registry/config/pool.ts";
import { BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { findUnclaimed } from "../../registry/query/unclaimed.ts";
import type { Registry } from "../../registry/store/registry.ts";
import type { WatchUpdate } from "../../registry/watch/watch.ts";
import type { Pool } from "../page/wire.ts";

/** The pool as the registry was last read; `own` is the dashboard's port. */
export function poolOf({ registry, claims, unreadable }: WatchUpdate, own: number): Pool {
  const { range, exclude } = registry.config;
  const claimed = [...claims, ...unreadable].map(({ port }) => port);
  const inRange = (ports: Iterable<number>) =>
    [...ports].filter((port) => contains(range, port)).toSorted((a, b) => a - b);
  return {
    range,
    excluded: inRange(exclude),
    blocked: inRange(BLOCKED_PORTS),
    unclaimed: findUnclaimed(registry, claimed).filter(({ port }) => port !== own),
    unreadable,
    branches: branchesOf(registry, claims),
    own,
    problem: null,
  };
}

function branchesOf({ machine }: Registry, claims: readonly Claim[]): Record<string, string> {
  const roots = new Set(claims.flatMap(({ root }) => root ?? []));
  return Object.fromEntries(
    [...roots].flatMap((root) => {
      const branch = branchOf(machine, root);
      return branch === undefined ? [] : [[root, branch]];
    }),
  );
}

/** The pool before the registry could be read. */
export function unknownPool(own: number, problem: string): Pool {
  const { range } = DEFAULTS;
  return {
    range,
    excluded: [],
    blocked: [],
    unclaimed: [],
    unreadable: [],
    branches: {},
    own,
    problem,
  };
}

/** A text that is the same for equal pools, whatever the ages of their listeners. */
export function fingerprint(pool: Pool): string {
  return JSON.stringify(pool, (key, value: unknown) => (key === "age" ? null : value));
}
