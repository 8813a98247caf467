import type { Actions } from "./actions.ts";
import type { Row } from "./row.ts";
import { count } from "./text.ts";

interface Props {
  rows: readonly Row[];
  actions: Actions;
  clear: () => void;
}

/** What can be done to the selected rows at once. */
export function MarkedBar({ rows, actions, clear }: Props) {
  const portsOf = (some: readonly Row[]) => some.map(({ port }) => port);
  const listening = portsOf(rows.filter(({ opens }) => opens > 0));
  const claimed = portsOf(rows.filter(({ kind }) => kind !== "unclaimed"));
  return (
    <section class="marked" aria-label="Selected rows">
      <span role="status">{count(rows.length, "port")} selected</span>
      <button
        type="button"
        aria-label="Stop the selected servers"
        disabled={listening.length === 0}
        onClick={() => actions.stop(listening)}
      >
        Stop…
      </button>
      <button
        type="button"
        aria-label="Release the selected ports"
        disabled={claimed.length === 0}
        onClick={() => actions.release(claimed)}
      >
        Release…
      </button>
      <button type="button" aria-label="Clear the selection" onClick={clear}>
        Clear
      </button>
    </section>
  );
}
