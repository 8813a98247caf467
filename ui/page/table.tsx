import { Component } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Actions } from "./actions.ts";
import type { SortKey, SortOrder } from "./filter-and-sort.ts";
import { useGradually, useSecond } from "./hooks.ts";
import { ageOf, type Row } from "./row.ts";
import { foldedWords, type Section, sectionsOf } from "./sections.ts";
import { TableRow } from "./table-row.tsx";

/** The columns, by their sort key. */
const COLUMNS: readonly [key: SortKey, heading: string][] = [
  ["port", "Port"],
  ["service", "Service"],
  ["process", "Process"],
  ["directory", "Directory"],
  ["agent", "By"],
  ["age", "Age"],
];

interface Props {
  rows: readonly Row[];
  selected: number | undefined;
  marked: ReadonlySet<number>;
  /** Whether idle and stale rows are shown too. */
  isUnfolded: boolean;
  unfold: () => void;
  /** When the connection was lost: the ages stop there. */
  frozenAt: number | undefined;
  mayChange: boolean;
  actions: Actions;
  search: (text: string) => void;
  /** Missing for visitors who may not change claims. */
  cleanUp: (() => void) | undefined;
}

/** Every port, and at the end what is idle or stale. */
export function Table(props: Props) {
  const {
    rows,
    selected,
    marked,
    isUnfolded,
    unfold,
    frozenAt,
    mayChange,
    actions,
    search,
    cleanUp,
  } = props;
  const [order, setOrder] = useState<SortOrder>({ key: "port", isDescending: false });
  const now = useSecond(frozenAt === undefined);
  const limit = useGradually(rows.length);
  const { sections, folded } = useMemo(() => sectionsOf(rows, order), [rows, order]);
  const words = foldedWords(folded.rows);
  let left = limit;
  const body = (section: Section) => {
    const rendered = section.rows.slice(0, Math.max(0, left));
    left -= rendered.length;
    const holds = (port: number | undefined) => rendered.some((row) => row.port === port);
    return (
      <Rows
        {...{ mayChange, actions, marked }}
        rows={section.rows}
        limit={rendered.length}
        now={frozenAt ?? now}
        hasProjects={section.hasProjects}
        selected={holds(selected) ? selected : undefined}
      />
    );
  };
  return (
    <table class="ports">
      <caption class="unseen">Ports by project</caption>
      <thead>
        <tr>
          <td class="kind" />
          {COLUMNS.map(([key, heading]) => (
            <Heading key={key} name={key} heading={heading} order={order} sort={setOrder} />
          ))}
        </tr>
      </thead>
      {sections.map((section) => (
        <tbody key={section.name}>
          {section.heading && (
            <tr class="group">
              <th scope="rowgroup">
                <Title section={section} search={search} />{" "}
                <span class="dim">{section.rows.length}</span>
              </th>
            </tr>
          )}
          {body(section)}
        </tbody>
      ))}
      {words && (
        <tbody key="folded">
          <tr class="group">
            <th scope="rowgroup">
              <button type="button" class="quiet" aria-expanded={isUnfolded} onClick={unfold}>
                <span aria-hidden="true">{isUnfolded ? "▾" : "▸"}</span> {words}
              </button>
              {cleanUp && (
                <button type="button" disabled={!mayChange} onClick={cleanUp}>
                  Clean up…
                </button>
              )}
            </th>
          </tr>
          {isUnfolded && body(folded)}
        </tbody>
      )}
    </table>
  );
}

/** The heading of a section; that of a project leads to everything about it. */
function Title({
  section: { heading, hasProjects },
  search,
}: { section: Section } & Pick<Props, "search">) {
  if (hasProjects) return heading;
  return (
    <a
      href={`?q=${encodeURIComponent(heading)}`}
      onClick={(click) => {
        click.preventDefault();
        search(heading);
      }}
    >
      {heading}
    </a>
  );
}

interface RowsProps extends Pick<Props, "rows" | "selected" | "marked" | "mayChange" | "actions"> {
  /** How many of the rows to render. */
  limit: number;
  now: number;
  hasProjects: boolean;
}

/** The rows of a section. They render again only if something in the section changes. */
class Rows extends Component<RowsProps> {
  override shouldComponentUpdate({ now, ...next }: RowsProps): boolean {
    const { props } = this;
    const isOther = Object.entries(next).some(
      ([name, value]) => props[name as keyof RowsProps] !== value,
    );
    // Most ages stay the same for a minute or longer.
    return isOther || next.rows.some((row) => ageOf(row, now) !== ageOf(row, props.now));
  }

  override render({ rows, limit, now, hasProjects, selected, marked, ...rest }: RowsProps) {
    return rows
      .slice(0, limit)
      .map((row) => (
        <TableRow
          key={row.port}
          {...rest}
          row={row}
          age={ageOf(row, now)}
          hasProject={hasProjects}
          isSelected={selected === row.port}
          isMarked={marked.has(row.port)}
        />
      ));
  }
}

interface HeadingProps {
  name: SortKey;
  heading: string;
  order: SortOrder;
  sort: (change: (old: SortOrder) => SortOrder) => void;
}

function Heading({ name, heading, order, sort }: HeadingProps) {
  const isSorted = order.key === name;
  const direction = order.isDescending ? "descending" : "ascending";
  const click = () =>
    sort((old) => ({ key: name, isDescending: old.key === name && !old.isDescending }));
  return (
    <th scope="col" class={name} aria-sort={isSorted ? direction : undefined}>
      <button type="button" class="quiet" onClick={click}>
        {heading}
        <span aria-hidden="true">{isSorted && (order.isDescending ? " ↓" : " ↑")}</span>
      </button>
    </th>
  );
}
