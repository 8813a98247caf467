import { type Field, oneWord, someOf, textsOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { selectLines, socketsOf } from "./select-lines.ts";

/** What sed leaves of lines. A substitution keeps them all, unless only those that it changes are printed. */
export function takeBySed(input: readonly Field[], args: readonly Field[]): Field[] {
  const { values, rest } = readOptions(args, { short: "ef", long: "expression file" });
  const has = (...names: string[]) => names.some((name) => values.has(name));
  const programs = values.get("e") ?? values.get("expression") ?? textsOf(rest).slice(0, 1);
  if (has("f", "file") || programs.length === 0) return input.map(() => UNKNOWN);
  const isQuiet = has("n", "quiet", "silent");
  const flavour = has("E", "r", "regexp-extended") ? "extended" : "basic";
  let found = [...input];
  for (const program of programs.flatMap(commandsOf)) {
    const [, pattern, command] = /^\/((?:[^/\\]|\\.)+)\/([dp])$/.exec(program) ?? [];
    if (pattern !== undefined && (command === "d" || isQuiet)) {
      found = selectLines(found, pattern, flavour, { not: command === "d" });
    } else if (/^s\W/.test(program)) {
      found = isQuiet ? changed(found, program) : found.map((field) => substituted(field, program));
    } else found = found.map((field) => lineOf(field, program, isQuiet));
  }
  return found;
}

/** A substitution that only takes something away leaves the ids; others may make something else of them. */
function substituted(field: Field, program: string): Field {
  const [, replacement = ""] = program.slice(2).split(program[1] ?? "/");
  return field.kind === "pids" && !/^(\\\d|\s)*$/.test(replacement) ? UNKNOWN : oneWord(field);
}

/** The commands of a program; those of a substitution may hold a semicolon. */
const commandsOf = (program: string): string[] =>
  /^\s*s\W/.test(program)
    ? program
        .trim()
        .split(/;(?=\s*s\W|\s*\d*d$)/)
        .map((one) => one.trim())
    : program.split(";").map((one) => one.trim());

/** `sed -n 's/…/…/p'` prints the lines that match: those with an id, or of a port. */
function changed(input: readonly Field[], program: string): Field[] {
  const mark = program[1] ?? "/";
  const [pattern = "", , flags = ""] = program.slice(2).split(mark);
  if (!flags.includes("p")) return input.map(() => UNKNOWN);
  const others = pattern.replaceAll(/pid|fd|users|\[:digit:\]|\\[a-zA-Z]/gi, "");
  return input.flatMap((field): Field[] => {
    if (field.kind === "sockets") return socketsOf(field, others);
    return [
      field.kind === "pids" && field.column !== 0 && !/[a-z]{2}|\d{2}/i.test(others)
        ? field
        : UNKNOWN,
    ];
  });
}

/** What a command of line numbers leaves: `1d` skips a heading, `1p` and `$p` print one line. */
function lineOf(field: Field, program: string, isQuiet: boolean): Field {
  const heading = "heading" in field && field.heading === true;
  if (program === "1d" && heading) return { ...field, heading: false };
  if (program === "1d" && field.kind === "sockets") return field;
  const isOne = isQuiet ? /^(1|\$)p$/ : /^(1q|\$!d)$/;
  const isSecond = isQuiet && heading && program === "2p";
  return (isOne.test(program) && !heading) || isSecond ? someOf(field) : UNKNOWN;
}
