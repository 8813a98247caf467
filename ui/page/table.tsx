import { useMemo } from "preact/hooks";
import { type Group, groupsOf, type Order, type SortKey } from "./order.ts";
import { ageOf, type Row, UNCLAIMED, UNREADABLE } from "./rows.ts";
import { TableRow } from "./table-row.tsx";
import { count } from "./text.ts";
import { useGradually, useSecond } from "./use.ts";

/** The columns, by what they sort. */
const COLUMNS: readonly [key: SortKey, heading: string][] = [
  ["port", "Port"],
  ["kind", "State"],
  ["service", "Service"],
  ["agent", "Agent"],
  ["owner", "Owner"],
  ["listeners", "Listens"],
  ["age", "Age"],
  ["directory", "Directory"],
];

const SPECIAL: Record<string, string> = {
  [UNCLAIMED]: "Listening without a claim",
  [UNREADABLE]: "Claim files that can't be understood",
};

interface Props {
  rows: readonly Row[];
  order: Order;
  sort: (key: SortKey) => void;
  /** Left out for who may only look. */
  release?: ((port: number) => void) | undefined;
}

export function Table({ rows, order, sort, release }: Props) {
  const now = useSecond();
  const limit = useGradually(rows.length);
  const groups = useMemo(() => groupsOf(rows, order, limit), [rows, order, limit]);
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
  const direction = order.isDown ? "descending" : "ascending";
  return (
    <th scope="col" class={name} aria-sort={isSorted ? direction : undefined}>
      <button type="button" onClick={() => sort(name)}>
        {heading}
        <span aria-hidden="true">{isSorted && (order.isDown ? " ↓" : " ↑")}</span>
      </button>
    </th>
  );
}

interface ProjectProps extends Pick<Props, "release"> {
  group: Group;
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

/** The arrows up and down lead from row to row. */
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
