import { type Field, someOf, text, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { type Flavour, toRegExp } from "../model/regexp.ts";
import { selectLines } from "./select-lines.ts";

export function grep(input: readonly Field[], args: readonly Field[], usual: Flavour): Field[] {
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
  const found = selectLines(input, patterns.join("\n"), flavour, choice);
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
