import { Component } from "preact";
import type { Row } from "./rows.ts";
import { StateLabel } from "./state-label.tsx";
import { linkTo } from "./text.ts";

interface Props {
  row: Row;
  age: string;
  release?: ((port: number) => void) | undefined;
}

/** Whether two rows look the same; `bornAt` shows only as the age. */
function isAlike(a: Row, b: Row): boolean {
  if (a === b) return true;
  return Object.entries(a).every(
    ([name, value]) => name === "bornAt" || b[name as keyof Row] === value,
  );
}

/** One port. It renders again only if it changes, as there may be a thousand of them. */
export class TableRow extends Component<Props> {
  override shouldComponentUpdate({ row, age, release }: Props): boolean {
    const { props } = this;
    return age !== props.age || release !== props.release || !isAlike(row, props.row);
  }

  override render({ row, age, release }: Props) {
    const { port, kind, service, agent, owner, directory, changes } = row;
    const flash = changes > 0 ? ` changed${changes % 2}` : "";
    return (
      <tr id={`port-${port}`} class={kind + flash}>
        <th scope="row" class="port">
          <a href={linkTo(port)} target="_blank" rel="noreferrer">
            {port}
          </a>
        </th>
        <td class="kind">
          <StateLabel kind={kind} />
        </td>
        <td class="service" title={service}>
          {service}
          {row.isPersistent && <small>persistent</small>}
        </td>
        <Cell name="agent" text={agent} />
        <Cell name="owner" text={owner} />
        <td class="listeners" title={`${row.listeners}\n${row.addresses}`.trim()}>
          {row.listeners} {row.addresses && <small>{row.addresses}</small>}
        </td>
        <td class="age">{age}</td>
        <td class="directory" title={directory}>
          <bdi dir="ltr">{directory}</bdi>
        </td>
        <td class="act">
          {release && kind !== "unclaimed" && <Release port={port} act={release} />}
        </td>
      </tr>
    );
  }
}

function Cell({ name, text }: { name: string; text: string }) {
  return (
    <td class={name} title={text}>
      {text}
    </td>
  );
}

function Release({ port, act }: { port: number; act: (port: number) => void }) {
  return (
    <button type="button" class="quiet" aria-label={`Release ${port}`} onClick={() => act(port)}>
      Release
    </button>
  );
}
