import { useMemo, useState } from "preact/hooks";
import {
  type Block,
  blocksOf,
  hundredOf,
  kindsFrom,
  mapPortAt,
  mapPortsOf,
  stopsOf,
} from "./map-layout.ts";
import { PortGrid } from "./port-grid.tsx";
import type { Row } from "./rows.ts";
import { count } from "./text.ts";
import type { Pool } from "./wire.ts";

interface Props {
  rows: readonly Row[];
  pool: Pool;
}

/** A map of the pool, and the port under the pointer or the keyboard cursor. */
export function PoolMap({ rows, pool }: Props) {
  const [cursor, setCursor] = useState<number>();
  const ports = useMemo(() => mapPortsOf(rows, pool), [rows, pool]);
  const stops = useMemo(() => stopsOf(ports), [ports]);
  const blocks = useMemo(() => blocksOf(stops, pool), [stops, pool]);
  const pointed = cursor === undefined ? undefined : mapPortAt(ports, pool, cursor);
  const { first, last } = pool.range;
  const free = last - first + 1 - [...ports.keys()].filter((p) => p >= first && p <= last).length;
  const move = (event: KeyboardEvent) => {
    if (event.key === "Enter" && cursor !== undefined) return showRow(cursor);
    const next = stepFrom(stops, cursor, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next);
  };
  return (
    <section class="pool" aria-labelledby="pool">
      <h2 id="pool">
        Pool <span>{`${first}–${last}, ${count(free, "port")} free`}</span>
      </h2>
      <div
        class="map"
        role="application"
        aria-label="Map of the pool: arrow keys move between ports in use, Enter goes to a port's row"
        aria-describedby="place"
        tabIndex={0}
        onKeyDown={move}
        onFocus={() => setCursor((now) => now ?? stops[0])}
        onBlur={() => setCursor(undefined)}
        onPointerLeave={() => setCursor(undefined)}
      >
        {blocks.map((block) =>
          block.isFree ? (
            <Gap key={block.from} block={block} />
          ) : (
            <PortGrid
              key={block.from}
              from={block.from}
              kinds={kindsFrom(ports, pool, block.from)}
              cursor={cursor !== undefined && hundredOf(cursor) === block.from ? cursor : undefined}
              point={setCursor}
              pick={showRow}
            />
          ),
        )}
      </div>
      <p id="place" role="status">
        {pointed ? (
          <>
            <b>{pointed.port}</b> {pointed.text}
          </>
        ) : (
          <span class="dim">Point at a port to see what uses it.</span>
        )}
      </p>
    </section>
  );
}

function Gap({ block }: { block: Block & { isFree: true } }) {
  return (
    <div class="gap">
      <span>{block.from}</span>
      <span class="free">free</span>
      <span>{block.to}</span>
    </div>
  );
}

/** The port that a key moves to: along the ports in use, or to the next hundred. */
function stepFrom(
  stops: readonly number[],
  cursor: number | undefined,
  key: string,
): number | undefined {
  const at = stops.findIndex((port) => port >= (cursor ?? 0));
  const hundred = hundredOf(cursor ?? 0);
  switch (key) {
    case "ArrowRight":
      return stops.find((port) => port > (cursor ?? 0)) ?? stops.at(-1);
    case "ArrowLeft":
      return stops[Math.max(0, at - 1)];
    case "ArrowDown":
      return stops.find((port) => hundredOf(port) > hundred) ?? stops.at(-1);
    case "ArrowUp":
      return stops.findLast((port) => hundredOf(port) < hundred) ?? stops[0];
    case "Home":
      return stops[0];
    case "End":
      return stops.at(-1);
    default:
      return undefined;
  }
}

function showRow(port: number): void {
  const row = document.getElementById(`port-${port}`);
  row?.scrollIntoView({ block: "center" });
  row?.querySelector("a")?.focus({ preventScroll: true });
}
