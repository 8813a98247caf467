import type { Row } from "./row.ts";
import type { Pool } from "./wire.ts";

/** What the map shows about a port. */
export interface MapPort {
  port: number;
  kind: Row["kind"] | "excluded" | "blocked" | "dashboard" | "free" | "outside" | "faded";
  /** Its description under the pointer. */
  text: string;
}

/** A hundred ports, or a run of hundreds that are all free. */
export type Block = { from: number; isFree: false } | { from: number; to: number; isFree: true };

const SIZE = 100;
export const hundredOf = (port: number) => Math.floor(port / SIZE) * SIZE;

/** Every port on the map that isn't free. Rows that the search leaves out are faded. */
export function mapPortsOf(
  rows: readonly Row[],
  shown: readonly Row[],
  pool: Pool,
): Map<number, MapPort> {
  const ports = new Map<number, MapPort>();
  const put = (port: number, kind: MapPort["kind"], text: string) =>
    ports.set(port, { port, kind, text });
  for (const port of pool.blocked)
    put(port, "blocked", "never assigned: browsers refuse to open it");
  for (const port of pool.excluded) put(port, "excluded", "never assigned: excluded by the config");
  if (isInPool(pool, pool.own)) put(pool.own, "dashboard", "this dashboard");
  for (const row of rows) put(row.port, "faded", describe(row));
  for (const row of shown) put(row.port, row.kind, describe(row));
  return ports;
}

function describe({ kind, service, project, process, agent, note }: Row): string {
  if (kind === "unclaimed") return `unclaimed, in use by ${process}`;
  return note || `${kind}, ${service} in ${project}, claimed by ${agent}`;
}

const isInPool = ({ range }: Pool, port: number) => port >= range.first && port <= range.last;

/** Any port, free ones included. */
export function mapPortAt(ports: ReadonlyMap<number, MapPort>, pool: Pool, port: number): MapPort {
  const nothing: MapPort = isInPool(pool, port)
    ? { port, kind: "free", text: "free" }
    : { port, kind: "outside", text: "not in the pool" };
  return ports.get(port) ?? nothing;
}

/** The kinds of a hundred ports, separated by spaces. */
export function kindsFrom(ports: ReadonlyMap<number, MapPort>, pool: Pool, from: number): string {
  const kinds = Array.from({ length: SIZE }, (_, i) => mapPortAt(ports, pool, from + i).kind);
  return kinds.join(" ");
}

/** Ports that the arrow keys stop at, in order. */
export function stopsOf(ports: ReadonlyMap<number, MapPort>): number[] {
  return [...ports.values()]
    .filter(({ kind }) => kind !== "blocked")
    .map(({ port }) => port)
    .toSorted((a, b) => a - b);
}

/** The pool in hundreds, with one block for each run of free hundreds. */
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
