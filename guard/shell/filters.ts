import type { Matching } from "../target.ts";
import { type Field, pids, text, textsOf, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { type Flavour, toRegExp } from "./regexp.ts";
import { portsIn } from "./search.ts";

type Filter = (input: readonly Field[], args: readonly Field[]) => Field[];

const unchanged: Filter = (input) => [...input];

/** What filters make of lines that hold process ids. Those that take columns out leave the ids. */
export const FILTERS: Record<string, Filter> = {
  awk: takeByAwk,
  gawk: takeByAwk,
  mawk: takeByAwk,
  cut: (input) => input.map(oneWord),
  sed: takeBySed,
  sort: unchanged,
  tac: unchanged,
  tee: unchanged,
  tr: unchanged,
  uniq: unchanged,
  column: unchanged,
  paste: unchanged,
  head: takeSome,
  tail: takeSome,
  grep: (input, args) => grep(input, args, "basic"),
  egrep: (input, args) => grep(input, args, "extended"),
  fgrep: (input, args) => grep(input, args, "fixed"),
  rg: (input, args) => grep(input, args, "extended"),
};

/** A text stays known only if there is nothing to choose from. */
const oneWord = (field: Field): Field =>
  field.kind === "text" && /\S\s+\S/.test(field.text) ? UNKNOWN : field;

const someOf = (input: readonly Field[]): Field[] =>
  input.map((field) => (field.kind === "pids" ? { ...field, some: true } : oneWord(field)));

/** `head -1` takes one of several; `tail -n +2` skips a heading. */
function takeSome(input: readonly Field[], args: readonly Field[]): Field[] {
  const skips = textsOf(args).some((word) => word.replace(/^-n?/, "").startsWith("+"));
  return skips ? input.map(oneWord) : someOf(input);
}

/** Substitutions keep all lines, `1d` leaves out a heading; anything else may choose. */
function takeBySed(input: readonly Field[], args: readonly Field[]): Field[] {
  const { rest } = readOptions(args, { short: "ef", long: "expression file" });
  const [program = "s"] = textsOf(rest);
  return /^\s*(s\W|1d$)/.test(program) ? input.map(oneWord) : someOf(input);
}

function grep(input: readonly Field[], args: readonly Field[], usual: Flavour): Field[] {
  const { values, rest } = readOptions(args, {
    short: "efmABCdD",
    long: "regexp file max-count after-context before-context context color",
  });
  const has = (...names: string[]) => names.some((name) => values.has(name));
  const first = rest[0]?.kind === "text" ? rest[0].text : undefined;
  const pattern = (values.get("e") ?? values.get("regexp"))?.join("\n") ?? first;
  if (pattern === undefined) return input.map(() => UNKNOWN);
  let flavour = usual;
  if (has("E", "P", "extended-regexp", "perl-regexp")) flavour = "extended";
  if (has("F", "fixed-strings")) flavour = "fixed";
  // -o takes the ids out of what is already selected.
  if (has("o", "only-matching") && input.some(({ kind }) => kind === "pids")) return [...input];
  const ignoreCase = has("i", "ignore-case");
  const not = has("v", "invert-match");
  const found = select(input, pattern, flavour, { ignoreCase, not });
  return has("m", "max-count") ? someOf(found) : found;
}

/** Applies `/pattern/` of an awk program; any other condition may choose, what it prints are columns. */
function takeByAwk(input: readonly Field[], args: readonly Field[]): Field[] {
  const { rest } = readOptions(args, { short: "Fvf", long: "field-separator assign file" });
  const program = rest[0]?.kind === "text" ? rest[0].text : "";
  const patterns = [...program.matchAll(/(\$\d+\s*)?(!?)\s*~?\s*\/((?:[^/\\]|\\.)+)\//g)];
  let found = input.map(oneWord);
  for (const [, column, not, pattern = ""] of patterns) {
    const isSockets = found.some(({ kind }) => kind === "sockets");
    // The pattern of a column isn't that of the line.
    if (column && !isSockets) return [UNKNOWN];
    found = select(found, pattern, "extended", { ignoreCase: false, not: not === "!" });
  }
  const others = program.replace(/\/(?:[^/\\]|\\.)+\//g, "").replace(/NR\s*(!=|>)\s*1\b/g, "");
  const printsId = /print\s+\$\d/.test(program);
  const left = /[=<>]|\bif\b|\bexit\b/.test(others) ? someOf(found) : found;
  return left.map((field) =>
    field.kind === "pids" && printsId ? { ...field, line: "id" } : field,
  );
}

interface Choice {
  ignoreCase: boolean;
  /** Leaves out the lines that match. */
  not: boolean;
}

/** The fields that remain of lines that match a pattern, or don't. */
function select(
  input: readonly Field[],
  pattern: string,
  flavour: Flavour,
  choice: Choice,
): Field[] {
  const expression = toRegExp(pattern, flavour, choice);
  if (expression === undefined) return input.map(() => UNKNOWN);
  const { not } = choice;
  return input.flatMap((field): Field[] => {
    switch (field.kind) {
      case "sockets":
        return not || isHeading(pattern) ? [field] : portsOf(pattern);
      case "processes": {
        const tests = [...field.tests, { pattern: expression, ...(not && { not }) }];
        // Only a pattern that selects turns all processes into some of them.
        if (not) return [isOfColumn(pattern) ? UNKNOWN : { ...field, tests }];
        return [pids({ kind: "match", by: field.line, tests }, field.line)];
      }
      case "pids":
        return [narrowed(field, pattern, expression, not)];
      case "text": {
        const lines = field.text.split("\n").filter((line) => expression.test(line) !== not);
        return lines.length === 0 ? [] : [text(lines.join("\n"))];
      }
      default:
        return [field];
    }
  });
}

type Pids = Field & { kind: "pids" };

function narrowed(field: Pids, pattern: string, expression: RegExp, not: boolean): Field {
  const { target, line = "id" } = field;
  if (target.kind === "port" && line !== "id") {
    if (isHeading(pattern)) {
      if (/LISTEN/i.test(pattern)) return not ? UNKNOWN : withoutClients(field);
      return field;
    }
    if (!not && pattern.includes(String(target.port))) return field;
  }
  if (not && isOfColumn(pattern)) return isHeading(pattern) ? field : UNKNOWN;
  const test = { pattern: expression, ...(not && { not }) };
  if (target.kind === "match" && target.by === line) {
    return { ...field, target: { ...target, tests: [...target.tests, test] } };
  }
  const matching: Matching = { kind: "match", by: line, tests: [test] };
  return { ...field, target: { kind: "every", of: [target, matching] } };
}

/** A pattern like "^root" is of the first column, which may not be the id. */
const isOfColumn = (pattern: string) => pattern.startsWith("^");

const isHeading = (pattern: string) => /^\W*(LISTEN|tcp|users?|pid)\W*$/i.test(pattern);

function withoutClients(field: Pids): Field {
  const { target } = field;
  return target.kind === "port" ? { ...field, target: { ...target, clients: false } } : field;
}

/** The ports in a pattern like ":3000 " or ':8000\|:6333'; unknown if there are none. */
function portsOf(pattern: string): Field[] {
  const ports = [...pattern.matchAll(/(?<![\d.])(\d{2,5})(?!\d)/g)].flatMap(([, port = ""]) =>
    portsIn(port),
  );
  if (ports.length === 0) return [UNKNOWN];
  return ports.map((port) => pids({ kind: "port", port, clients: false }, "id and name"));
}
