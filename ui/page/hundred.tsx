import type { Place } from "./blocks.ts";

const PITCH = 7;
const CELL = 6;
const SIDE = 10;

interface Props {
  from: number;
  at: (port: number) => Place;
  cursor: number | undefined;
  point: (port: number) => void;
  pick: (port: number) => void;
}

const corner = (offset: number) =>
  [(offset % SIDE) * PITCH, Math.floor(offset / SIDE) * PITCH] as const;

/** A hundred ports as ten rows of ten; one path for each kind, however many there are of it. */
export function Hundred({ from, at, cursor, point, pick }: Props) {
  const places = Array.from({ length: SIDE * SIDE }, (_, offset) => at(from + offset));
  const kinds = Map.groupBy(places, ({ kind }) => kind);
  const isHere = cursor !== undefined && cursor >= from && cursor < from + places.length;
  const [x, y] = corner((cursor ?? from) - from);
  const side = SIDE * PITCH - 1;
  return (
    <figure>
      <figcaption>{from}</figcaption>
      <svg
        width={side}
        height={side}
        viewBox={`0 0 ${side} ${side}`}
        aria-hidden="true"
        onPointerMove={(event) => point(from + offsetAt(event))}
        onPointerDown={(event) => point(from + offsetAt(event))}
        onClick={(event) => pick(from + offsetAt(event))}
      >
        {[...kinds].map(([kind, members]) => (
          <path key={kind} class={kind} d={members.map(({ port }) => cell(port - from)).join("")} />
        ))}
        {isHere && <rect class="cursor" x={x - 0.5} y={y - 0.5} width={PITCH} height={PITCH} />}
      </svg>
    </figure>
  );
}

function cell(offset: number): string {
  const [x, y] = corner(offset);
  return `M${x} ${y}h${CELL}v${CELL}h-${CELL}z`;
}

function offsetAt(event: MouseEvent): number {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const along = (at: number, size: number) =>
    Math.min(SIDE - 1, Math.max(0, Math.floor((at / size) * SIDE)));
  const column = along(event.clientX - box.left, box.width);
  return along(event.clientY - box.top, box.height) * SIDE + column;
}
