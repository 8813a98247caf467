import { Component } from "preact";
import { Mark } from "./mark.tsx";
import type { Row } from "./rows.ts";
import { linkTo } from "./text.ts";

interface Props {
  row: Row;
  age: string;
  release?: ((port: number) => void) | undefined;
}

/** Whether two rows look the same; when they were born is told by their age. */
function isAlike(a: Row, b: Row): boolean {
  if (a === b) return true;
  return Object.entries(a).every(
    ([name, value]) => name === "born" || b[name as keyof Row] === value,
  );
}

/** One port. It is drawn again only if something of it differs: there may be a thousand. */
export class TableRow extends Component<Props> {
  override shouldComponentUpdate({ row, age, release }: Props): boolean {
    const { props } = this;
    return age !== props.age || release !== props.release || !isAlike(row, props.row);
  }

  override render({ row, age, release }: Props) {
    const { port, kind, service, agent, owner, directory, news } = row;
    const flash = news > 0 ? ` news${news % 2}` : "";
    return (
      <tr id={`port-${port}`} class={kind + flash}>
        <th scope="row" class="port">
          <a href={linkTo(port)} target="_blank" rel="noreferrer">
            {port}
          </a>
        </th>
        <td class="kind">
          <Mark kind={kind} />
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
