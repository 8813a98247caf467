import { type Kind, KINDS, type Row, UNCLAIMED, UNREADABLE } from "./rows.ts";

/** A column that the table can be sorted by. */
export type SortKey =
  | "port"
  | "kind"
  | "service"
  | "agent"
  | "owner"
  | "listeners"
  | "age"
  | "directory";

export interface SortOrder {
  key: SortKey;
  isDescending: boolean;
}

/** Which rows are shown. */
export interface Filter {
  text: string;
  /** Only rows of these kinds; all if empty. */
  kinds: ReadonlySet<Kind>;
}

/** The rows that match: of one of the kinds, and containing every word of the text. */
export function filterRows(rows: readonly Row[], { text, kinds }: Filter): readonly Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && kinds.size === 0) return rows;
  return rows.filter((row) => (kinds.size === 0 || kinds.has(row.kind)) && hasAll(row, words));
}

function hasAll(row: Row, words: readonly string[]): boolean {
  const { port, kind, service, group, agent, owner, listeners, addresses, directory } = row;
  const text = [port, kind, service, group, agent, owner, listeners, addresses, directory]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

const byName = new Intl.Collator("en", { numeric: true });

/** The value that a row is sorted by. */
function valueOf(row: Row, key: SortKey): number | string {
  if (key === "kind") return KINDS.indexOf(row.kind);
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

export interface RowGroup {
  name: string;
  rows: readonly Row[];
}

const rank = ({ name }: RowGroup) => (name === UNCLAIMED ? 2 : Number(name === UNREADABLE));

/**
 * The first `limit` rows, grouped by project. A group's place is that of its first row; groups that aren't projects
 * come last.
 */
export function groupRows(rows: readonly Row[], order: SortOrder, limit: number): RowGroup[] {
  const sorted = rows.toSorted((a, b) => compare(a, b, order));
  const groups = [...Map.groupBy(sorted, ({ group }) => group)]
    .map(([name, members]) => ({ name, rows: members }))
    .toSorted((a, b) => rank(a) - rank(b));
  let left = limit;
  return groups.flatMap(({ name, rows: members }) => {
    const some = members.slice(0, Math.max(0, left));
    left -= some.length;
    return some.length > 0 ? { name, rows: some } : [];
  });
}
