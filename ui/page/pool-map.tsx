import { useMemo, useState } from "preact/hooks";
import {
  type Block,
  blocksOf,
  hundredOf,
  kindsFrom,
  type MapPort,
  mapPortAt,
  mapPortsOf,
  stopsOf,
} from "./map-layout.ts";
import { PortGrid } from "./port-grid.tsx";
import type { Row } from "./row.ts";
import { Strip } from "./strip.tsx";
import { count } from "./text.ts";
import type { Pool } from "./wire.ts";

interface Props {
  rows: readonly Row[];
  /** The rows that the search leaves. */
  shown: readonly Row[];
  pool: Pool;
  selected: number | undefined;
  select: (port: number) => void;
}

/** The pool as a strip, and unfolded as a map, with the port under the pointer or the keyboard cursor. */
export function PoolMap({ rows, shown, pool, selected, select }: Props) {
  const [isOpen, setOpen] = useState(false);
  const ports = useMemo(() => mapPortsOf(rows, shown, pool), [rows, shown, pool]);
  const { first, last } = pool.range;
  const free = last - first + 1 - [...ports.keys()].filter((p) => p >= first && p <= last).length;
  return (
    <section class="pool" aria-labelledby="pool">
      <h2 id="pool">
        Pool <span>{`${first}–${last}, ${count(free, "port")} free`}</span>
      </h2>
      <Strip ports={ports} pool={pool} selected={selected} select={select} />
      <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Map
      </button>
      {isOpen && <FullMap ports={ports} pool={pool} selected={selected} select={select} />}
    </section>
  );
}

interface MapProps extends Pick<Props, "pool" | "selected" | "select"> {
  ports: ReadonlyMap<number, MapPort>;
}

function FullMap({ ports, pool, selected, select }: MapProps) {
  const [pointed, setCursor] = useState<number>();
  const cursor = pointed ?? selected;
  const stops = useMemo(() => stopsOf(ports), [ports]);
  const blocks = useMemo(() => blocksOf(stops, pool), [stops, pool]);
  const place = cursor === undefined ? undefined : mapPortAt(ports, pool, cursor);
  const move = (event: KeyboardEvent) => {
    if (event.key === "Enter" && cursor !== undefined) return select(cursor);
    const next = stepFrom(stops, cursor, event.key);
    if (next === undefined) return;
    event.preventDefault();
    // Elsewhere these keys move between rows.
    event.stopPropagation();
    setCursor(next);
  };
  return (
    <>
      <div
        class="map"
        role="application"
        aria-label="Map of the pool: arrow keys move between ports in use, Enter shows a port's details"
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
              pick={select}
            />
          ),
        )}
      </div>
      <p id="place" role="status">
        {place ? (
          <>
            <b>{place.port}</b> {place.text}
          </>
        ) : (
          <span class="dim">Point at a port to see what uses it.</span>
        )}
      </p>
    </>
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
