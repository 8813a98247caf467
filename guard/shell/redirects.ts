import type { Redirection, Word } from "unbash";
import { expand, expandQuoted, type Scope } from "./expand.ts";
import { type Field, text, UNKNOWN } from "./field.ts";
import type { Shell } from "./shell.ts";

type Reader = Scope & Pick<Shell, "read">;

/** What a command reads on stdin. */
export function stdinOf(
  shell: Reader,
  redirects: readonly Redirection[],
  input?: Field[],
): Field[] | undefined {
  let stdin = input;
  for (const one of redirects) {
    if (one.type === "HereDoc") stdin = [text(one.body.text)];
    else if (one.type === "HereString") stdin = one.target && expandQuoted(one.target, shell);
    else if (one.operator === "<" && one.target) stdin = opened(shell, one.target);
  }
  return stdin;
}

/** What is read from a file, or from `<(COMMAND)`. */
function opened(shell: Reader, target: Word): Field[] {
  const part = target.parts?.length === 1 ? target.parts[0] : undefined;
  if (part?.type !== "ProcessSubstitution") return shell.read(expand(target, shell));
  return part.script ? shell.output(part.script) : [UNKNOWN];
}
