import type { DoubleQuotedChild, ParsedScript, Word, WordPart } from "unbash";
import { type Field, someOf, split, text, textsOf, UNKNOWN } from "../model/field.ts";
import { arithmetic } from "./arithmetic.ts";

/** What expansions need to know. */
export interface Scope {
  /** The value of a variable; `undefined` if it isn't set, or not known. */
  variable(name: string): Field[] | undefined;
  isArray(name: string): boolean;
  /** What a command substitution prints. */
  output(script: ParsedScript): Field[];
}

/** The fields that a word expands to. */
export function expand(word: Word, scope: Scope): Field[] {
  if (word.parts === undefined) return [text(word.value)];
  const [only] = word.parts;
  if (word.parts.length === 1 && only) return expandPart(only, scope);
  let words: Field[] = [text("")];
  for (const part of word.parts) {
    const next = expandPart(part, scope);
    words = words.flatMap((before) => next.map((after) => joined(before, after)));
  }
  return words;
}

/** A word that isn't split: the value of an assignment, or a quoted string. */
export function expandQuoted(word: Word, scope: Scope): Field[] {
  return word.parts?.length === 1 && isExpansion(word.parts[0])
    ? expansion(word.parts[0] as WordPart, scope)
    : expand(word, scope);
}

const isExpansion = (part: WordPart | undefined) =>
  part !== undefined && part.type.endsWith("Expansion") && part.type !== "BraceExpansion";

function joined(before: Field, after: Field): Field {
  if (before.kind === "text" && (before.text === "" || before.text === "/proc/")) return after;
  if (after.kind === "text" && after.text === "") return before;
  if (before.kind === "text" && after.kind === "text") return text(before.text + after.text);
  return UNKNOWN;
}

function expandPart(part: WordPart, scope: Scope): Field[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [text(part.value)];
    case "DoubleQuoted":
    case "LocaleString":
      return quoted(part.parts, scope);
    case "BraceExpansion":
      return braces(part.text);
    case "SimpleExpansion":
    case "ParameterExpansion":
    case "CommandExpansion":
    case "ArithmeticExpansion": {
      const fields = split(expansion(part, scope));
      return fields.length > 0 ? fields : [text("")];
    }
    case "Glob":
    case "ExtendedGlob":
      return [text(part.text)];
    default:
      return [UNKNOWN];
  }
}

/** Inside double quotes, texts stay in one piece. Process ids stay apart: `kill "$pids"` gets them all. */
export function quoted(parts: readonly DoubleQuotedChild[], scope: Scope): Field[] {
  const [only] = parts;
  if (parts.length === 1 && only && isAll(only)) return expansion(only, scope);
  let words: Field[] = [text("")];
  for (const part of parts) {
    const fields = part.type === "Literal" ? [text(part.value)] : expansion(part, scope);
    const isText = fields.every(({ kind }) => kind === "text");
    const next = isText ? [text(textsOf(fields).join(" "))] : fields;
    words = words.flatMap((before) => next.map((after) => joined(before, after)));
  }
  return words;
}

/** `"$@"` and `"${pids[@]}"` are as many words. */
const isAll = (part: DoubleQuotedChild): boolean =>
  (part.type === "SimpleExpansion" && part.text === "$@") ||
  (part.type === "ParameterExpansion" && part.index?.value === "@");

function expansion(part: WordPart, scope: Scope): Field[] {
  if (part.type === "CommandExpansion") {
    return part.script ? scope.output(part.script).map(withoutLastNewline) : [UNKNOWN];
  }
  if (part.type === "ArithmeticExpansion") {
    const number = arithmetic(part.expression, scope);
    return [number === undefined ? UNKNOWN : text(String(number))];
  }
  if (part.type === "SimpleExpansion") {
    const name = part.text.slice(1);
    const value = parameter(name, scope);
    return (scope.isArray(name) ? oneOf(value) : value) ?? [UNKNOWN];
  }
  if (part.type !== "ParameterExpansion") return [UNKNOWN];
  const { operation, prefix } = part;
  // The number of process ids stands for them: `[ ${#pids[@]} -gt 0 ]`.
  if (prefix === "#") {
    const counted = scope.variable(part.parameter)?.filter(({ kind }) => kind === "pids") ?? [];
    return counted.length > 0 ? counted : [UNKNOWN];
  }
  if (prefix !== undefined) return [UNKNOWN];
  const all = parameter(part.parameter, scope);
  const isWhole = part.index !== undefined || !scope.isArray(part.parameter);
  const value = isWhole ? elements(all, part.index) : oneOf(all);
  if (operation === undefined) return value ?? [UNKNOWN];
  if (operation.type !== "Default") return [UNKNOWN];
  if (operation.operator.endsWith("+")) return value ? expand(operation.operand, scope) : [];
  return value ?? (operation.operator.endsWith("?") ? [UNKNOWN] : expand(operation.operand, scope));
}

/** `${pids[@]}` is the whole array, `${ports[0]}` one of its texts; which process ids are where isn't known. */
function elements(value: Field[] | undefined, index: Word | undefined): Field[] | undefined {
  if (index === undefined || index.value === "@" || index.value === "*") return value;
  if (value === undefined) return undefined;
  const isText = value.every(({ kind }) => kind === "text") && /^\d+$/.test(index.value);
  const element = isText ? value[Number(index.value)] : UNKNOWN;
  return element ? [element] : [];
}

/** An array without an index is its first element in bash, and all of it in zsh. */
function oneOf(value: Field[] | undefined): Field[] | undefined {
  if (value === undefined || (value.length < 2 && value[0]?.kind === "text")) return value;
  return value.length === 1 && value[0] ? [someOf(value[0])] : [UNKNOWN];
}

function parameter(name: string, scope: Scope): Field[] | undefined {
  // The last background job is the command's own.
  if (name === "!") return [];
  // The shell that will run the command: no process yet.
  if (name === "$") return [text(String(NO_PROCESS))];
  return scope.variable(name);
}

/** Above PID_MAX_LIMIT of proc_sys_kernel(5). */
export const NO_PROCESS = 4_194_305;

const withoutLastNewline = (field: Field): Field =>
  field.kind === "text" ? text(field.text.replace(/\n+$/, "")) : field;

/** {3000,3001} and {3000..3010}. */
function braces(source: string): Field[] {
  const inner = source.slice(1, -1);
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(inner) ?? [];
  if (first !== undefined && last !== undefined) {
    const count = Math.min(Math.abs(Number(last) - Number(first)) + 1, 1000);
    const from = Math.min(Number(first), Number(last));
    return Array.from({ length: count }, (_, i) => text(String(from + i)));
  }
  if (/[{}$`]/.test(inner) || !inner.includes(",")) return [UNKNOWN];
  return inner.split(",").map(text);
}
