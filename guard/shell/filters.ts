import { takeByAwk } from "./awk.ts";
import { type Field, text, textsOf, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { type Flavour, toRegExp } from "./regexp.ts";
import { takeBySed } from "./sed.ts";
import { select } from "./select.ts";
import { oneWord, someOf } from "./some.ts";

type Filter = (input: readonly Field[], args: readonly Field[]) => Field[];

const unchanged: Filter = (input) => [...input];

/** What filters make of lines that hold process ids. Those that take columns out leave the ids. */
export const FILTERS: Record<string, Filter> = {
  awk: takeByAwk,
  gawk: takeByAwk,
  mawk: takeByAwk,
  cut,
  sed: takeBySed,
  sort: unchanged,
  tac: unchanged,
  tr: unchanged,
  uniq: unchanged,
  column: unchanged,
  paste: unchanged,
  // Their number stands for the ids: `[ $(pgrep node | wc -l) -gt 0 ]`.
  wc: (input) => input.map((field) => (field.kind === "pids" ? field : UNKNOWN)),
  head: (input, args) => takeSome(input, args, "head"),
  tail: (input, args) => takeSome(input, args, "tail"),
  grep: (input, args) => grep(input, args, "basic"),
  egrep: (input, args) => grep(input, args, "extended"),
  fgrep: (input, args) => grep(input, args, "fixed"),
  rg: (input, args) => grep(input, args, "extended"),
};

/** `cut -d' ' -f2`: if it takes another column than the id's, what it prints isn't known. */
function cut(input: readonly Field[], args: readonly Field[]): Field[] {
  const { values } = readOptions(args, { short: "dfbc", long: "delimiter fields" });
  const one = Number((values.get("f") ?? values.get("fields"))?.[0]);
  const isBlank = (values.get("d") ?? values.get("delimiter"))?.[0] === " ";
  return input.map((field) => {
    if (field.kind === "pids" && field.column === 0) return UNKNOWN;
    if (field.kind !== "pids" || !isBlank || field.column === undefined) return oneWord(field);
    // `ps -o pid` aligns its ids to the right: an empty column comes first.
    const column = field.names && field.column === 1 ? 2 : field.column;
    return one === column ? field : UNKNOWN;
  });
}

/** `head -1` takes one of several; `tail -n +2` skips a heading. */
function takeSome(
  input: readonly Field[],
  args: readonly Field[],
  which: "head" | "tail",
): Field[] {
  const words = textsOf(args).join(" ");
  const [, sign, digits = "10"] = /^(?:-n ?|--lines[ =]|-(?=\d))?([+-]?)(\d+)?$/.exec(words) ?? [];
  if (sign === undefined) return input.map(() => UNKNOWN);
  const count = Number(digits);
  return input.map((field) => {
    if (field.kind === "text") {
      const lines = field.text.replace(/\n$/, "").split("\n");
      if (which === "tail" && sign === "+") return text(lines.slice(count - 1).join("\n"));
      if (sign !== "") return oneWord(field);
      return text((which === "head" ? lines.slice(0, count) : lines.slice(-count)).join("\n"));
    }
    if (sign === "+" && which === "tail" && count < 2) return field;
    const hasHeading = "heading" in field && field.heading === true;
    if (sign === "+" && which === "tail" && count === 2) {
      if (hasHeading) return { ...field, heading: false };
      return field.kind === "sockets" ? field : UNKNOWN;
    }
    const least = which === "head" && hasHeading ? 2 : 1;
    // The last of those that `pgrep -f` finds may be the shell that runs it.
    const isOfLine =
      field.kind === "pids" && field.target.kind === "match" && field.target.by === "arguments";
    if (which === "tail" && isOfLine) return UNKNOWN;
    return sign === "" && count >= least ? someOf(field) : UNKNOWN;
  });
}

function grep(input: readonly Field[], args: readonly Field[], usual: Flavour): Field[] {
  const { values, rest } = readOptions(args, {
    short: "efmABCdD",
    long: "regexp file max-count after-context before-context context color",
  });
  const has = (...names: string[]) => names.some((name) => values.has(name));
  const asked = values.get("e") ?? values.get("regexp");
  const first = rest[0]?.kind === "text" ? rest[0].text : undefined;
  const patterns = asked ?? (first === undefined ? [] : [first]);
  const isOfFile = rest.length > (asked ? 0 : 1);
  // Counts, names of files and patterns from a file aren't followed.
  if (patterns.length === 0 || isOfFile || has("c", "count", "l", "L", "f", "file", "z", "S")) {
    return input.map(() => UNKNOWN);
  }
  let flavour = usual;
  if (has("E", "P", "extended-regexp", "perl-regexp")) flavour = "extended";
  if (has("F", "fixed-strings")) flavour = "fixed";
  const choice = {
    ignoreCase: has("i", "y", "ignore-case"),
    not: has("v", "invert-match"),
    isWord: has("w", "word-regexp"),
    isLine: has("x", "line-regexp"),
  };
  if (has("o", "only-matching") && input.some(({ kind }) => kind === "text")) {
    const pattern = choice.not ? undefined : toRegExp(patterns.join("\n"), flavour, choice);
    return input.map((field) => {
      if (field.kind !== "text" || pattern === undefined) return UNKNOWN;
      return text([...field.text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].join("\n"));
    });
  }
  if (has("o", "only-matching") && input.some(({ kind }) => kind === "pids")) {
    return takeIds(input, patterns.join("\n"));
  }
  const found = select(input, patterns.join("\n"), flavour, choice);
  return has("m", "max-count") ? found.map(someOf) : found;
}

/** `grep -o 'pid=[0-9]*'` takes the ids out of what is already selected, unless it asks for more. */
function takeIds(input: readonly Field[], pattern: string): Field[] {
  const others = pattern.replaceAll(/pid|fd|users|\[:digit:\]|\\[a-zA-Z]/gi, "");
  return input.map((field) => {
    if (/[a-z]{2}|\d{2}/i.test(others) || ("column" in field && field.column === 0)) return UNKNOWN;
    return field.kind === "pids" ? { ...field, line: "id", column: 1, heading: false } : field;
  });
}
