import type { DoubleQuotedChild, HereDoc, Redirection, Word } from "unbash";
import { type Field, text, textsOf, UNKNOWN } from "../model/field.ts";
import type { Shell } from "../model/shell.ts";
import { expand, expandQuoted, quoted, type Scope } from "./expand.ts";

type Reader = Scope & Pick<Shell, "read" | "write">;

/** Notes what a command writes into files; returns what it prints to the next one. */
export function noteWritten(
  shell: Reader,
  redirects: readonly Redirection[],
  printed: Field[],
): Field[] {
  let rest = printed;
  for (const one of redirects) {
    if (one.type !== "Redirect" || !/^(>|>>|>\||&>|&>>)$/.test(one.operator) || !one.target)
      continue;
    const isErrors = one.descriptor?.type === "FileDescriptor" && one.descriptor.value !== 1;
    const isWhole = one.operator === ">" && !isErrors;
    const isText = printed.every(({ kind }) => kind === "text");
    const [only = UNKNOWN] = printed.length === 1 ? printed : [];
    const contents = isText ? text(textsOf(printed).join("\n")) : only;
    shell.write(expand(one.target, shell), isWhole ? contents : UNKNOWN);
    if (one.operator === ">" && !isErrors) rest = [];
  }
  return rest;
}

/** What a command reads on stdin. */
export function stdinOf(
  shell: Reader,
  redirects: readonly Redirection[],
  input?: Field[],
): Field[] | undefined {
  let stdin = input;
  for (const one of redirects) {
    if (one.type === "HereDoc") stdin = [bodyOf(shell, one)];
    else if (one.type === "HereString") stdin = one.target && expandQuoted(one.target, shell);
    else if (one.operator === "<" && one.target) stdin = opened(shell, one.target);
  }
  return stdin;
}

/** The text of a here-document, with what it expands to where that is known. */
function bodyOf(shell: Reader, { body }: HereDoc): Field {
  const expanded = body.parts && quoted(body.parts as readonly DoubleQuotedChild[], shell);
  const [only] = expanded?.length === 1 ? expanded : [];
  return only?.kind === "text" ? only : text(body.text);
}

/** What is read from a file, or from `<(COMMAND)`. */
function opened(shell: Reader, target: Word): Field[] {
  const part = target.parts?.length === 1 ? target.parts[0] : undefined;
  if (part?.type !== "ProcessSubstitution") return shell.read(expand(target, shell));
  return part.script ? shell.output(part.script) : [UNKNOWN];
}
