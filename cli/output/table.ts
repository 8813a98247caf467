import { printable } from "./printable.ts";

const colors = (): Record<string, string> => ({
  starting: "36",
  listening: "32",
  suspended: "33",
  occupied: "31",
  idle: "33",
  orphaned: "35",
  dead: "31",
  unknown: "90",
  unclaimed: "90",
});

const GAP = "  ";
/** The narrowest that a column is cut to. */
const LEAST = 8;
const LEAST_OF: Record<string, number> = { PROCESS: 14, DIRECTORY: 12 };

/** Where a column's cells are cut if the terminal is too narrow; by default at the end. */
const CUTS: Record<string, "never" | "start" | "before the pid"> = {
  PORT: "never",
  STATE: "never",
  AGE: "never",
  TIME: "never",
  EVENT: "never",
  DIRECTORY: "start",
  PROCESS: "before the pid",
  BY: "before the pid",
};

const widthOf = (text: string) => Bun.stringWidth(text);

export interface TableOptions {
  color: boolean;
  /** In columns; the widest cells are cut to fit. */
  width?: number;
  /** Columns to leave out rather than cut any: they say nothing new. */
  redundant?: readonly string[];
  /** Columns to leave out, in this order, where cutting isn't enough. */
  spare?: readonly string[];
}

/**
 * Rows under headings, each column as wide as its widest cell; empty columns are left out. A state has
 * its color.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { color, width = Infinity, redundant = [], spare = [] }: TableOptions,
): string {
  const all = headings.map((name, i) => [name, ...rows.map((row) => printable(row[i] ?? ""))]);
  const used = all.filter(([, ...cells]) => cells.some((cell) => cell !== "")).map(columnOf);
  const columns =
    total(used) <= width
      ? used
      : fit(
          used.filter(({ name }) => !redundant.includes(name)),
          width,
          spare,
        );
  const codes = colors();
  const line = (row: number) =>
    columns
      .map(({ name, cells, width: most }, i) => {
        const cell = cut(cells[row] ?? "", most, CUTS[name]);
        const pad = i === columns.length - 1 ? "" : " ".repeat(most - widthOf(cell));
        const code = row === 0 ? "1" : name === "STATE" && codes[cell];
        return color && code ? `\u001b[${code}m${cell}\u001b[0m${pad}` : cell + pad;
      })
      .join(GAP)
      .trimEnd();
  return Array.from({ length: rows.length + 1 }, (_, i) => `${line(i)}\n`).join("");
}

interface Column {
  name: string;
  /** The heading and the cells below it. */
  cells: readonly string[];
  width: number;
}

function columnOf(cells: readonly string[]): Column {
  return { name: cells[0] ?? "", cells, width: Math.max(...cells.map(widthOf)) };
}

const total = (columns: readonly Column[]) =>
  columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);

/** Narrows the widest columns until the table is no wider than `limit`, then leaves out spare ones. */
function fit(natural: readonly Column[], limit: number, spare: readonly string[]): Column[] {
  const columns = natural.map((column) => ({ ...column }));
  for (let excess = total(columns) - limit; excess > 0; excess--) {
    const [widest] = columns.filter(isCuttable).toSorted((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widest.width--;
  }
  const [first, ...others] = spare;
  if (total(columns) <= limit || first === undefined) return columns;
  return fit(
    natural.filter(({ name }) => name !== first),
    limit,
    others,
  );
}

const isCuttable = ({ name, width }: Column) =>
  CUTS[name] !== "never" && width > Math.max(LEAST_OF[name] ?? LEAST, name.length);

function cut(text: string, width: number, how?: (typeof CUTS)[string]): string {
  if (widthOf(text) <= width) return text;
  if (how === "before the pid") {
    const end = text.lastIndexOf(" (");
    const tail = end < 0 ? "" : text.slice(end);
    const left = width - widthOf(tail);
    if (tail !== "" && left > 1) return cut(text.slice(0, end), left) + tail;
  }
  const chars = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const isStart = how === "start";
  let kept = "";
  for (const char of isStart ? chars.toReversed() : chars) {
    if (widthOf(kept) + widthOf(char) > width - 1) break;
    kept = isStart ? char + kept : kept + char;
  }
  return isStart ? `…${kept}` : `${kept.trimEnd()}…`;
}
