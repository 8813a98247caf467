import type { Kind } from "./row.ts";

/** The state in words, unless all is well. */
export function StateWord({ kind }: { kind: Kind }) {
  return <span class={kind === "listening" ? "unseen" : `mark ${kind}`}>{kind}</span>;
}

/** A state as a color, a shape and a word. */
export function StateLabel({ kind }: { kind: Kind }) {
  return (
    <span class={`mark ${kind}`}>
      <i class={`dot ${kind}`} />
      {kind}
    </span>
  );
}
