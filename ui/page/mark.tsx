import type { Kind } from "./rows.ts";

/** A state by colour, by shape and by word. */
export function Mark({ kind }: { kind: Kind }) {
  return (
    <span class={`mark ${kind}`}>
      <i class="dot" />
      {kind}
    </span>
  );
}
