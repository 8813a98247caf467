import { useMemo } from "preact/hooks";
import { type RowGroup, groupRows, type SortOrder, type SortKey } from "./filter-and-sort.ts";
import { useGradually, useSecond } from "./hooks.ts";
import { ageOf, type Row, UNCLAIMED, UNREADABLE } from "./rows.ts";
import { TableRow } from "./table-row.tsx";
import { count } from "./text.ts";

/** The columns, by their sort key. */
const COLUMNS: readonly [key: SortKey, heading: string][] = [
  ["port", "Port"],
  ["kind", "State"],
  ["service", "Service"],
  ["agent", "Agent"],
  ["owner", "Owner"],
  ["listeners", "Listeners"],
  ["age", "Age"],
  ["directory", "Directory"],
];

const SPECIAL: Record<string, string> = {
  [UNCLAIMED]: "In use without a claim",
  [UNREADABLE]: "Unreadable claim files",
};

interface Props {
  rows: readonly Row[];
  order: SortOrder;
  sort: (key: SortKey) => void;
  /** Absent for visitors who may not change claims. */
  release?: ((port: number) => void) | undefined;
}

export function Table({ rows, order, sort, release }: Props) {
  const now = useSecond();
  const limit = useGradually(rows.length);
  const groups = useMemo(() => groupRows(rows, order, limit), [rows, order, limit]);
  return (
    <table class="ports" onKeyDown={walk}>
      <caption class="unseen">Claimed ports by project</caption>
      <thead>
        <tr>
          {COLUMNS.map(([key, heading]) => (
            <Heading key={key} name={key} heading={heading} order={order} sort={sort} />
          ))}
          <th scope="col" class="act">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      {groups.map((group) => (
        <Project key={group.name} group={group} now={now} release={release} />
      ))}
    </table>
  );
}

interface HeadingProps extends Pick<Props, "order" | "sort"> {
  name: SortKey;
  heading: string;
}

function Heading({ name, heading, order, sort }: HeadingProps) {
  const isSorted = order.key === name;
  const direction = order.isDescending ? "descending" : "ascending";
  return (
    <th scope="col" class={name} aria-sort={isSorted ? direction : undefined}>
      <button type="button" onClick={() => sort(name)}>
        {heading}
        <span aria-hidden="true">{isSorted && (order.isDescending ? " ↓" : " ↑")}</span>
      </button>
    </th>
  );
}

interface ProjectProps extends Pick<Props, "release"> {
  group: RowGroup;
  now: number;
}

function Project({ group: { name, rows }, now, release }: ProjectProps) {
  return (
    <tbody>
      <tr class="group">
        <th scope="rowgroup" colSpan={COLUMNS.length + 1}>
          {SPECIAL[name] ?? name} <span>{count(rows.length, "port")}</span>
        </th>
      </tr>
      {rows.map((row) => (
        <TableRow key={row.port} row={row} age={ageOf(row, now)} release={release} />
      ))}
    </tbody>
  );
}

/** Moves the focus between rows with the up and down arrow keys. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const here = (event.target as Element).closest("tr[id]");
  if (step === undefined || here === null) return;
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>("tr[id]")];
  const next = all[all.indexOf(here as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.querySelector("a")?.focus();
}
