import type { ProcessView } from "../../registry/model/claim.ts";
import { printable } from "./text.ts";

/** The processes from an owner down to a listener. */
export function ProcessTree({ tree }: { tree: readonly ProcessView[] }) {
  return (
    <>
      <h3>Processes</h3>
      <ol class="tree">
        {tree.toReversed().map(({ pid, command, commandLine }, depth) => (
          <li key={pid} class={`depth${Math.min(depth, 5)}`}>
            {printable(command)} <span class="dim">{pid}</span>
            <code>{printable(commandLine)}</code>
          </li>
        ))}
      </ol>
    </>
  );
}
