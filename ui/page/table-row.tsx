import { Component } from "preact";
import type { Actions } from "./actions.ts";
import { RowButtons } from "./row-buttons.tsx";
import { nameOf, type Row } from "./row.ts";
import { StateWord } from "./state-label.tsx";
import { linkTo } from "./text.ts";

interface Props {
  row: Row;
  age: string;
  hasProject: boolean;
  isSelected: boolean;
  isMarked: boolean;
  mayChange: boolean;
  actions: Actions;
}

interface State {
  /** Whether the pointer or the focus is in it, so that it has its buttons. */
  isActive: boolean;
}

/** Whether two rows look the same; `bornAt` shows only as the age. */
function isAlike(a: Row, b: Row): boolean {
  if (a === b) return true;
  return Object.entries(a).every(
    ([name, value]) => name === "bornAt" || b[name as keyof Row] === value,
  );
}

const FLAGS = ["age", "hasProject", "isSelected", "isMarked", "mayChange"] as const;

/** One port. It renders again only if it changes, as there may be a thousand of them. */
export class TableRow extends Component<Props, State> {
  override state = { isActive: false };

  override shouldComponentUpdate(next: Props, { isActive }: State): boolean {
    const { props, state } = this;
    const isSame = FLAGS.every((flag) => next[flag] === props[flag]);
    return !isSame || isActive !== state.isActive || !isAlike(next.row, props.row);
  }

  readonly #enter = () => this.setState({ isActive: true });

  readonly #leave = ({ type, currentTarget, relatedTarget }: MouseEvent | FocusEvent) => {
    const row = currentTarget as Element;
    const stays =
      type === "focusout" ? row.matches(":hover") : row.contains(document.activeElement);
    this.setState({ isActive: stays || row.contains(relatedTarget as Node | null) });
  };

  readonly #click = (event: MouseEvent) => {
    const isOnControl = (event.target as Element).closest("a, button, input, details");
    if (!isOnControl && getSelection()?.isCollapsed) this.props.actions.select(this.props.row.port);
  };

  readonly #open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.props.actions.select(this.props.row.port, event.detail === 0);
  };

  override render({ row, age, hasProject, isSelected, isMarked, mayChange, actions }: Props) {
    const { port, kind, service, project, branch, changes, opens } = row;
    const { isActive } = this.state;
    const flash = changes > 0 ? ` changed${changes % 2}` : "";
    return (
      <tr
        id={`port-${port}`}
        class={`row ${kind}${flash}${isSelected ? " selected" : ""}${isActive ? " active" : ""}`}
        onClick={this.#click}
        onPointerEnter={this.#enter}
        onPointerLeave={this.#leave}
        onFocusIn={this.#enter}
        onFocusOut={this.#leave}
      >
        <td class="kind">
          {mayChange && (isActive || isMarked) ? (
            <input
              type="checkbox"
              aria-label={`Select ${nameOf(row)}`}
              checked={isMarked}
              onChange={() => actions.mark(port)}
            />
          ) : (
            <i class={`dot ${kind}`} />
          )}
        </td>
        <th scope="row" class="port">
          {opens === port ? (
            <a href={linkTo(port)} target="_blank" rel="noreferrer" tabIndex={-1}>
              {port}
            </a>
          ) : (
            port
          )}
        </th>
        <td class="service">
          <a
            href={`?port=${port}`}
            aria-current={isSelected ? "true" : undefined}
            title={`${service} in ${project}`}
            onClick={this.#open}
          >
            {service || `port ${port}`}
          </a>
          {branch && <small title={`branch ${branch}`}>{branch}</small>}
          {hasProject && project && <span class="dim"> {project}</span>}
          {row.isPersistent && <small>persistent</small>}
        </td>
        <td class="process" title={`${row.process}\n${row.addresses}`.trim()}>
          <StateWord kind={kind} /> {row.process} {row.addresses && <small>{row.addresses}</small>}
        </td>
        <td class="directory" title={row.path}>
          <bdi dir="ltr">{row.directory}</bdi>
        </td>
        <td class="agent" title={row.owner && `owner: ${row.owner}`}>
          {row.agent} <span class="dim">{row.owner}</span>
        </td>
        <td class="age">{age}</td>
        {row.note && <td class="note">{row.note}</td>}
        <td class="act">
          {isActive && <RowButtons row={row} actions={actions} mayChange={mayChange} />}
        </td>
      </tr>
    );
  }
}
