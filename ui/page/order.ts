import { type Kind, KINDS, type Row, UNCLAIMED, UNREADABLE } from "./rows.ts";

/** What the table can be sorted by. */
export type SortKey =
  | "port"
  | "kind"
  | "service"
  | "agent"
  | "owner"
  | "listeners"
  | "age"
  | "directory";

export interface Order {
  key: SortKey;
  isDown: boolean;
}

/** What is looked for. */
export interface Search {
  text: string;
  /** The kinds that alone are shown; none means all. */
  kinds: ReadonlySet<Kind>;
}

/** The rows that are of the kinds looked for, and have every word somewhere. */
export function find(rows: readonly Row[], { text, kinds }: Search): readonly Row[] {
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

/** What a row is sorted by; the oldest is the one that was born first. */
function valueOf(row: Row, key: SortKey): number | string {
  if (key === "kind") return KINDS.indexOf(row.kind);
  return key === "age" ? -(row.born ?? 0) : row[key];
}

function compare(a: Row, b: Row, { key, isDown }: Order): number {
  const order = isDown ? -1 : 1;
  const [x, y] = [valueOf(a, key), valueOf(b, key)];
  if (typeof x === "number" && typeof y === "number") return order * (x - y) || a.port - b.port;
  // Blanks come last, whichever way the others go.
  if (x === "" || y === "") return Number(x === "") - Number(y === "") || a.port - b.port;
  return order * byName.compare(String(x), String(y)) || a.port - b.port;
}

export interface Group {
  name: string;
  rows: readonly Row[];
}

const rank = ({ name }: Group) => (name === UNCLAIMED ? 2 : Number(name === UNREADABLE));

/**
 * The first `limit` rows by project, each group at the place of its first row; what is no
 * project's comes last.
 */
export function groupsOf(rows: readonly Row[], order: Order, limit: number): Group[] {
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
