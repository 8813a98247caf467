import type { MapPort } from "./map-layout.ts";
import { type Kind, KINDS } from "./row.ts";
import type { Pool } from "./wire.ts";

interface Props {
  ports: ReadonlyMap<number, MapPort>;
  pool: Pool;
  selected: number | undefined;
  select: (port: number) => void;
}

/** How far from a mark a click may be, as a part of the strip. */
const NEAR = 0.02;

/** The whole range in one line, with a mark for each port in use. */
export function Strip({ ports, pool: { range }, selected, select }: Props) {
  const length = range.last - range.first + 1;
  const width = Math.max(1, length / 300);
  const inRange = [...ports.values()].filter(
    ({ port }) => port >= range.first && port <= range.last,
  );
  // What needs attention is drawn last, over its neighbors.
  const rank = ({ kind }: MapPort) => KINDS.indexOf(kind as Kind) >>> 0;
  const byKind = Map.groupBy(
    inRange.toSorted((a, b) => rank(b) - rank(a)),
    ({ kind }) => kind,
  );
  const mark = (port: number) => `M${port - range.first} 0h${width}v10h-${width}z`;
  const click = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const at = range.first + ((event.clientX - box.left) / box.width) * length;
    const stops = inRange.filter(({ kind }) => kind !== "excluded");
    const [nearest] = stops.toSorted((a, b) => Math.abs(a.port - at) - Math.abs(b.port - at));
    if (nearest && Math.abs(nearest.port - at) < length * NEAR) select(nearest.port);
  };
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${length} 10`}
      preserveAspectRatio="none"
      aria-hidden="true"
      onClick={click}
    >
      {[...byKind].map(([kind, some]) => (
        <path key={kind} class={kind} d={some.map(({ port }) => mark(port)).join("")} />
      ))}
      {selected && <path class="chosen" d={mark(selected)} />}
    </svg>
  );
}
