import { Component } from "preact";

const PITCH = 7;
const CELL = 6;
const SIDE = 10;
const PICTURE = SIDE * PITCH - 1;

interface Props {
  from: number;
  /** The kinds of its ports, separated by spaces. */
  kinds: string;
  /** The port under the pointer, if it is one of these. */
  cursor: number | undefined;
  point: (port: number) => void;
  pick: (port: number) => void;
}

/**
 * A hundred ports in ten rows, with one path for all ports of a kind. It renders again only if something in it
 * changes.
 */
export class PortGrid extends Component<Props> {
  override shouldComponentUpdate({ kinds, cursor }: Props): boolean {
    return kinds !== this.props.kinds || cursor !== this.props.cursor;
  }

  override render({ from, kinds, cursor, point, pick }: Props) {
    const offsets = Map.groupBy(kinds.split(" ").entries(), ([, kind]) => kind);
    return (
      <figure>
        <figcaption>{from}</figcaption>
        <svg
          width={PICTURE}
          height={PICTURE}
          viewBox={`0 0 ${PICTURE} ${PICTURE}`}
          aria-hidden="true"
          onPointerMove={(event) => point(from + offsetAt(event))}
          onPointerDown={(event) => point(from + offsetAt(event))}
          onClick={(event) => pick(from + offsetAt(event))}
        >
          {[...offsets].map(([kind, cells]) => (
            <path key={kind} class={kind} d={cells.map(([offset]) => cell(offset)).join("")} />
          ))}
          {cursor !== undefined && <Cursor offset={cursor - from} />}
        </svg>
      </figure>
    );
  }
}

function Cursor({ offset }: { offset: number }) {
  const [x, y] = corner(offset);
  return <rect class="cursor" x={x - 0.5} y={y - 0.5} width={PITCH} height={PITCH} />;
}

const corner = (offset: number) =>
  [(offset % SIDE) * PITCH, Math.floor(offset / SIDE) * PITCH] as const;

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
