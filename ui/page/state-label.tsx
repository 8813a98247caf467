import type { Kind } from "./rows.ts";

/** A state as a color, a shape and a word. */
export function StateLabel({ kind }: { kind: Kind }) {
  return (
    <span class={`mark ${kind}`}>
      <i class="dot" />
      {kind}
    </span>
  );
}
