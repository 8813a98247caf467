import type { Row } from "./rows.ts";
import type { Pool } from "./wire.ts";

/** What the map shows of one port. */
export interface Place {
  port: number;
  kind: Row["kind"] | "excluded" | "refused" | "dashboard" | "free" | "outside";
  /** What is said of it under the pointer. */
  text: string;
}

/** A hundred ports, or a run of hundreds in which nothing is. */
export type Block = { from: number; isFree: false } | { from: number; to: number; isFree: true };

const SIZE = 100;
export const hundredOf = (port: number) => Math.floor(port / SIZE) * SIZE;

/** Everything on the map that is not simply free, by port. */
export function placesOf(rows: readonly Row[], pool: Pool): Map<number, Place> {
  const places = new Map<number, Place>();
  const put = (port: number, kind: Place["kind"], text: string) =>
    places.set(port, { port, kind, text });
  for (const port of pool.refused) put(port, "refused", "never chosen: browsers refuse to open it");
  for (const port of pool.exclude) put(port, "excluded", "excluded: never chosen");
  if (isInPool(pool, pool.own)) put(pool.own, "dashboard", "this dashboard");
  for (const row of rows) put(row.port, row.kind, describe(row));
  return places;
}

function describe({ kind, service, group, listeners, agent }: Row): string {
  if (kind === "unclaimed") return `unclaimed, ${listeners} listens`;
  if (kind === "unreadable") return `held by a file that can't be understood: ${service}`;
  const by = agent === "" ? "" : ` (${agent})`;
  return `${kind}, ${service} of ${group}${by}`;
}

const isInPool = ({ range }: Pool, port: number) => port >= range.first && port <= range.last;

/** What is at a port, be it nothing. */
export function placeAt(places: ReadonlyMap<number, Place>, pool: Pool, port: number): Place {
  const nothing: Place = isInPool(pool, port)
    ? { port, kind: "free", text: "free" }
    : { port, kind: "outside", text: "not in the pool" };
  return places.get(port) ?? nothing;
}

/** What each of a hundred ports is, one word after the other. */
export function kindsFrom(places: ReadonlyMap<number, Place>, pool: Pool, from: number): string {
  const kinds = Array.from({ length: SIZE }, (_, i) => placeAt(places, pool, from + i).kind);
  return kinds.join(" ");
}

/** Places that the arrow keys stop at: what lives there, not what is merely left out. */
export function stopsOf(places: ReadonlyMap<number, Place>): number[] {
  return [...places.values()]
    .filter(({ kind }) => kind !== "refused")
    .map(({ port }) => port)
    .toSorted((a, b) => a - b);
}

/** The pool in hundreds, in order; where nothing is for long, one block says so. */
export function blocksOf(stops: readonly number[], { range }: Pool): Block[] {
  const used = [...new Set(stops.map(hundredOf))];
  const blocks: Block[] = [];
  let next = hundredOf(range.first);
  const end = hundredOf(range.last) + SIZE;
  const fill = (to: number) => {
    if (next < to)
      blocks.push({
        from: Math.max(next, range.first),
        to: Math.min(to - 1, range.last),
        isFree: true,
      });
    next = Math.max(next, to);
  };
  for (const from of used) {
    fill(Math.min(from, end));
    blocks.push({ from, isFree: false });
    next = Math.max(next, Math.min(from + SIZE, end));
  }
  fill(end);
  return blocks;
}
