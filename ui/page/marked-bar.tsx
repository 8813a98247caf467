import type { Actions } from "./actions.ts";
import { count } from "./text.ts";

interface Props {
  ports: readonly number[];
  actions: Actions;
  clear: () => void;
}

/** What can be done to the selected rows at once. */
export function MarkedBar({ ports, actions, clear }: Props) {
  return (
    <section class="marked" aria-label="Selected rows">
      <span role="status">{count(ports.length, "port")} selected</span>
      <button
        type="button"
        aria-label="Stop the selected servers"
        onClick={() => actions.stop(ports)}
      >
        Stop…
      </button>
      <button
        type="button"
        aria-label="Release the selected ports"
        onClick={() => actions.release(ports)}
      >
        Release…
      </button>
      <button type="button" aria-label="Clear the selection" onClick={clear}>
        Clear
      </button>
    </section>
  );
}
