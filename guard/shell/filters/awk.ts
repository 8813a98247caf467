import { type Field, oneWord, type Pids, someOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";
import { isHeading, selectLines, tested } from "./select-lines.ts";

/** One `CONDITION { ACTION }`, or an action alone. */
const PROGRAM =
  /^\s*(?:BEGIN\s*\{[^{}]*\})?\s*((?:\/(?:[^/\\]|\\.)+\/|"[^"]*"|[^{}/"])*)(?:\{([^{}]*)\})?\s*$/;
const BY_IF =
  /\{\s*if\s*\(((?:\/(?:[^/\\]|\\.)+\/|"[^"]*"|[^{}/"])*)\)\s*\{?\s*(print[^{}]*?)\s*\}?\s*\}\s*$/;
/** One of the conditions between "&&". */
const TERM = /\s*((?:\/(?:[^/\\]|\\.)+\/|"[^"]*"|(?!&&)[^/"])+?)\s*(?:&&|$)/y;

/** What awk prints of lines: those that its condition leaves. A condition that isn't followed leaves nothing known. */
export function takeByAwk(input: readonly Field[], args: readonly Field[]): Field[] {
  const { values, rest } = readOptions(args, { short: "Fvf", long: "field-separator assign file" });
  const program = rest[0]?.kind === "text" ? rest[0].text : undefined;
  const [, condition = "", action = ""] =
    PROGRAM.exec((program ?? "}").replace(BY_IF, " && $1 {$2}").replace(/^\s*&& /, "")) ?? [];
  const isKnown = condition !== "" || action !== "";
  // Files, and what chooses among lines otherwise.
  if (
    !isKnown ||
    rest.length > 1 ||
    values.has("f") ||
    /[?<>=]|\b(if|for|while|next|system)\b/.test(action)
  ) {
    return input.map(() => UNKNOWN);
  }
  const variables = new Map(
    [...(values.get("v") ?? []), ...(values.get("assign") ?? [])].map((one) => {
      const at = one.indexOf("=");
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
  let found = input.map(oneWord);
  TERM.lastIndex = 0;
  for (let match = TERM.exec(condition); match?.[1]; match = TERM.exec(condition)) {
    const term = match[1];
    found = found.flatMap((field) => passing(field, term, variables));
    if (TERM.lastIndex >= condition.length) break;
  }
  if (/\bexit\b/.test(action)) found = found.map(someOf);
  // Another separator makes other columns.
  const hasColumns = !values.has("F") && !values.has("field-separator");
  return found.map((field) => printedBy(action, field, hasColumns));
}

/** What remains of a field under a condition. */
function passing(field: Field, term: string, variables: Map<string, string>): Field[] {
  if (field.kind === "unknown" || /^!\w+\[\$0\]\+\+$/.test(term)) return [field];
  const line = /^(!?)\s*(?:\$0\s*(!?)~\s*)?\/((?:[^/\\]|\\.)+)\/$/.exec(term);
  if (line) {
    const [, before, behind, pattern = ""] = line;
    return selectLines([field], pattern, "extended", { not: before === "!" || behind === "!" });
  }
  const either = /^\/((?:[^/\\]|\\.)+)\/\s*\|\|\s*\/((?:[^/\\]|\\.)+)\/$/.exec(term);
  if (either) return selectLines([field], `${either[1]}|${either[2]}`, "extended");
  const number = /^F?NR\s*(==|!=|>=?|<)\s*(\d)$/.exec(term);
  if (number) return [byNumber(field, number[1] ?? "", Number(number[2]))];
  const [, column, operator = "", value = ""] =
    /^\$(\d+|NF)\s*(==|!=|!?~|>)\s*(\/(?:[^/\\]|\\.)+\/|"[^"]*"|\w+)$/.exec(term) ?? [];
  return column === undefined
    ? [UNKNOWN]
    : byColumn(field, column, operator, valueOf(value, variables));
}

/** `NR>1` skips a heading, `NR==1` takes the first line. */
function byNumber(field: Field, operator: string, number: number): Field {
  const hasHeading = "heading" in field && field.heading === true;
  const skipsFirst = ["!= 1", "> 1", ">= 2"].includes(`${operator} ${number}`);
  if (skipsFirst && field.kind === "sockets") return field;
  if (skipsFirst && hasHeading) return { ...field, heading: false };
  const takesFirst = ["== 1", "< 2"].includes(`${operator} ${number}`);
  if ((takesFirst && !hasHeading) || (hasHeading && operator === "==" && number === 2)) {
    return someOf(field);
  }
  return UNKNOWN;
}

/** A pattern, or a text that a column must be. */
type Value = { pattern: string } | { equals: string } | undefined;

function valueOf(word: string, variables: Map<string, string>): Value {
  if (word.startsWith("/")) return { pattern: word.slice(1, -1) };
  if (word.startsWith('"')) return { equals: word.slice(1, -1) };
  const value = /^\d+$/.test(word) ? word : variables.get(word);
  return value === undefined ? undefined : { equals: value };
}

function byColumn(field: Field, column: string, operator: string, value: Value): Field[] {
  if (value === undefined) return [UNKNOWN];
  const isPattern = operator.endsWith("~");
  const source = "pattern" in value ? value.pattern : value.equals;
  const not = operator.startsWith("!");
  if (field.kind === "sockets")
    return isPattern ? selectLines([field], source, "extended", { not }) : [UNKNOWN];
  if (field.kind !== "pids" && field.kind !== "processes") return [UNKNOWN];
  if (!not && isHeading(source) && field.kind === "pids")
    return selectLines([field], source, "extended");
  const isId = Number(column) === field.column;
  // `$2 != "PID"`, `$2 > 1` and `$2 ~ /^[0-9]+$/` are true of every id.
  if (isId && not && /^\W*PID\W*$/.test(source)) return [{ ...field, heading: false }];
  if (
    isId &&
    (operator === ">" ? Number(source) < 2 : isPattern && /^\^?\[0-9\][+*]?\$?$/.test(source))
  ) {
    return [{ ...field, heading: false }];
  }
  const isName = ["comm", "ucomm", "ucmd"].includes(field.names?.[Number(column) - 1] ?? "");
  if (operator === ">" || (!isId && !isName)) return [UNKNOWN];
  const pattern = toRegExp(source, isPattern ? "extended" : "fixed", { exact: !isPattern });
  if (pattern === undefined) return [UNKNOWN];
  return [tested(field, { pattern, ...(not && { not }) }, isId ? "id" : "name")];
}

/** What an action prints of lines: the ids, unless it prints another column, or more. */
function printedBy(action: string, field: Field, hasColumns: boolean): Field {
  if (field.kind !== "pids" && field.kind !== "processes") return field;
  const [, column] = /print\s*\(?\s*\$(\w+)/.exec(action) ?? [];
  if (column === undefined) return /print\s*"/.test(action) ? UNKNOWN : field;
  if (column === "0") return field;
  if (field.kind === "processes") return field.column === Number(column) ? field : UNKNOWN;
  // ss and netstat show the ids in their last columns.
  if (field.column === 0) return UNKNOWN;
  if (hasColumns && field.column === undefined && /^[1-5]$/.test(column)) return UNKNOWN;
  if (
    hasColumns &&
    field.column !== undefined &&
    /^\d+$/.test(column) &&
    field.column !== Number(column)
  )
    return UNKNOWN;
  return { ...field, line: "id", column: 1 } satisfies Pids;
}
