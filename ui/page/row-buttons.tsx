import type { Actions } from "./actions.ts";
import { nameOf, type Row, serverOf } from "./row.ts";
import { linkTo } from "./text.ts";

interface Props {
  row: Row;
  actions: Actions;
  mayChange: boolean;
}

/** The actions on one port, named for what they do and to what. */
export function RowButtons({ row, actions, mayChange }: Props) {
  const { port, kind, opens } = row;
  const name = nameOf(row);
  return (
    <>
      {opens > 0 && (
        <a
          class="button"
          href={linkTo(opens)}
          target="_blank"
          rel="noreferrer"
          aria-label={`Open ${name}`}
        >
          Open
        </a>
      )}
      <button
        type="button"
        aria-label={`Copy URL of ${name}`}
        onClick={() => actions.copy(opens || port)}
      >
        Copy URL
      </button>
      {mayChange && opens > 0 && (
        <button
          type="button"
          aria-label={`Stop ${serverOf(row)}`}
          onClick={() => actions.stop([port])}
        >
          Stop
        </button>
      )}
      {mayChange && kind !== "unclaimed" && (
        <details class="more">
          <summary aria-label={`More actions on ${name}`}>…</summary>
          <button
            type="button"
            aria-label={`Release ${name}`}
            onClick={() => actions.release([port])}
          >
            Release
          </button>
        </details>
      )}
    </>
  );
}
