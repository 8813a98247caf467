/** A bar of the chart: milliseconds, in parts that add up. */
export interface Bar {
  name: string;
  parts: { kind: Kind; ms: number }[];
}

/** What a part of the time is spent on, in the order of the legend. */
const KINDS = {
  start: "starting Bun",
  work: "the work itself, as a program in C does it",
  code: "portclaim's code",
  launcher: "the npm package's launcher",
  other: "another program",
} as const;

type Kind = keyof typeof KINDS;

const WIDTH = 760;
const LEFT = 300;
const RIGHT = 60;
const ROW = 26;
/** How many times longer than portclaim's longest bar another program's may be, before it is cut. */
const LONGEST = 2;

// Readable on white and on GitHub's dark background.
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.start { fill: #8c959f } .work { fill: #2da44e } .code { fill: #0969da } .launcher { fill: #bf3989 } .other { fill: #d0a215 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .code { fill: #4493f8 } }`;

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const total = ({ parts }: Bar) => parts.reduce((sum, { ms }) => sum + ms, 0);

/** Horizontal bars as an SVG picture, the times written beside them. A bar that is cut short has a gap. */
export function chart(title: string, bars: readonly Bar[]): string {
  const used = new Set(bars.flatMap(({ parts }) => parts.map(({ kind }) => kind)));
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => used.has(kind));
  const ours = bars.filter(({ parts }) => parts.every(({ kind }) => kind !== "other"));
  const longest = LONGEST * Math.max(...ours.map(total));
  const top = 14 + Math.ceil(kinds.length / 2) * ROW;
  const height = top + bars.length * ROW + 8;
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...kinds.map(legendEntry),
    ...bars.flatMap((bar, i) => row(bar, top + i * ROW, scale, longest)),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

function legendEntry(kind: Kind, i: number): string {
  const x = 8 + (i % 2) * 380;
  const y = 6 + Math.floor(i / 2) * ROW;
  const square = `<rect class="${kind}" x="${x}" y="${y}" width="12" height="12" rx="2"/>`;
  return `${square}<text x="${x + 18}" y="${y + 11}">${KINDS[kind]}</text>`;
}

function row(bar: Bar, y: number, scale: number, longest: number): string[] {
  const label = `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escape(bar.name)}</text>`;
  const ms = total(bar);
  const rect = (kind: Kind, from: number, width: number) =>
    `<rect class="${kind}" x="${from.toFixed(1)}" y="${y + 2}" width="${width.toFixed(1)}" height="16"/>`;
  const rects: string[] = [];
  let x = LEFT;
  for (const { kind, ms: part } of bar.parts) {
    const width = Math.min(part, longest) * scale;
    if (ms <= longest) rects.push(rect(kind, x, width));
    else rects.push(rect(kind, x, width - 20), rect(kind, x + width - 14, 14));
    x += width;
  }
  const time = `<text x="${(x + 6).toFixed(1)}" y="${y + 14}">${ms.toFixed(ms < 20 ? 1 : 0)} ms</text>`;
  return [label, ...rects, time];
}
