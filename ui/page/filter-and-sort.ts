import { KINDS, type Row } from "./row.ts";

/** A column that the table can be sorted by. */
export type SortKey = "port" | "service" | "process" | "directory" | "agent" | "age";

export interface SortOrder {
  key: SortKey;
  isDescending: boolean;
}

/** Whether a text contains every word of a search. */
export function hasAll(text: string, search: string): boolean {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** The rows that contain every word of the search. */
export function filterRows(rows: readonly Row[], search: string): readonly Row[] {
  if (search.trim() === "") return rows;
  return rows.filter((row) => hasAll(Object.values({ ...row, bornAt: "" }).join(" "), search));
}

const byName = new Intl.Collator("en", { numeric: true });

/** The value that a row is sorted by. */
function valueOf(row: Row, key: SortKey): number | string {
  return key === "age" ? -(row.bornAt ?? 0) : row[key];
}

function compare(a: Row, b: Row, { key, isDescending: isDown }: SortOrder): number {
  const order = isDown ? -1 : 1;
  const [x, y] = [valueOf(a, key), valueOf(b, key)];
  if (typeof x === "number" && typeof y === "number") return order * (x - y) || a.port - b.port;
  // Blanks come last in either direction.
  if (x === "" || y === "") return Number(x === "") - Number(y === "") || a.port - b.port;
  return order * byName.compare(String(x), String(y)) || a.port - b.port;
}

export function sortRows(rows: readonly Row[], order: SortOrder): readonly Row[] {
  return rows.toSorted((a, b) => compare(a, b, order));
}

/** Sorts what needs attention: the worst first. */
export function sortByKind(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}
