import type { Matching } from "../target.ts";
import { type Field, pids, text, textsOf } from "./field.ts";
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
  cut: unchanged,
  sed: unchanged,
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

/** `head -1` takes one of several; `tail -n +2` skips a heading. */
function takeSome(input: readonly Field[], args: readonly Field[]): Field[] {
  const skips = textsOf(args).some((word) => word.replace(/^-n?/, "").startsWith("+"));
  if (skips) return [...input];
  return input.map((field) => (field.kind === "pids" ? { ...field, some: true } : field));
}

function grep(input: readonly Field[], args: readonly Field[], usual: Flavour): Field[] {
  const { values, rest } = readOptions(args, {
    short: "efmABCdD",
    long: "regexp file max-count after-context before-context context color",
  });
  const has = (...names: string[]) => names.some((name) => values.has(name));
  const first = rest[0]?.kind === "text" ? rest[0].text : undefined;
  const pattern = (values.get("e") ?? values.get("regexp"))?.join("\n") ?? first;
  if (pattern === undefined) return input.map(() => ({ kind: "unknown" }));
  let flavour = usual;
  if (has("E", "P", "extended-regexp", "perl-regexp")) flavour = "extended";
  if (has("F", "fixed-strings")) flavour = "fixed";
  // -o takes the ids out of what is already selected.
  if (has("o", "only-matching") && input.some(({ kind }) => kind === "pids")) return [...input];
  const isSome = has("m", "max-count");
  const ignoreCase = has("i", "ignore-case");
  const not = has("v", "invert-match");
  return select(input, pattern, flavour, { ignoreCase, not }).map((field) =>
    isSome && field.kind === "pids" ? { ...field, some: true } : field,
  );
}

/** Applies `/pattern/` of an awk program; what else it takes out are columns. */
function takeByAwk(input: readonly Field[], args: readonly Field[]): Field[] {
  const { rest } = readOptions(args, { short: "Fvf", long: "field-separator assign file" });
  const program = rest[0]?.kind === "text" ? rest[0].text : "";
  const patterns = [...program.matchAll(/(!?)\s*~?\s*\/((?:[^/\\]|\\.)+)\//g)];
  let found = [...input];
  for (const [, not, pattern = ""] of patterns) {
    found = select(found, pattern, "extended", { ignoreCase: false, not: not === "!" });
  }
  return found;
}

/** The fields that remain of lines that match a pattern, or don't. */
function select(
  input: readonly Field[],
  pattern: string,
  flavour: Flavour,
  { ignoreCase, not }: { ignoreCase: boolean; not: boolean },
): Field[] {
  return input.flatMap((field): Field[] => {
    if (field.kind === "lines" && field.of === "sockets") {
      return not || isHeading(pattern) ? [field] : portsOf(pattern);
    }
    const isNarrowable = field.kind === "lines" || isArgumentMatch(field);
    if (!isNarrowable) {
      const isListening = field.kind === "pids" && !not && isHeading(pattern);
      return [isListening ? withoutClients(field) : field];
    }
    if (not && /grep/.test(pattern)) return [field];
    const expression = toRegExp(pattern, flavour, { ignoreCase });
    if (expression === undefined) return [{ kind: "unknown" }];
    const tests = field.kind === "pids" && field.target.kind === "match" ? field.target.tests : [];
    // Only a pattern that selects turns all processes into some of them.
    if (tests.length === 0 && not) return [field];
    const target: Matching = {
      kind: "match",
      by: "arguments",
      tests: [...tests, { pattern: expression, ...(not && { not }) }],
    };
    return [{ ...pids(target), ...(field.kind === "pids" && field.some && { some: true }) }];
  });
}

const isHeading = (pattern: string) => /^\W*(LISTEN|tcp|users?|pid)\W*$/i.test(pattern);

const isArgumentMatch = (field: Field) =>
  field.kind === "pids" && field.target.kind === "match" && field.target.by === "arguments";

function withoutClients(field: Field & { kind: "pids" }): Field {
  const { target } = field;
  return target.kind === "port" ? { ...field, target: { ...target, clients: false } } : field;
}

/** The ports in a pattern like ":3000 " or ':8000\|:6333'; unknown if there are none. */
function portsOf(pattern: string): Field[] {
  const ports = [...pattern.matchAll(/(?<![\d.])(\d{2,5})(?!\d)/g)].flatMap(([, port = ""]) =>
    portsIn(port),
  );
  if (ports.length === 0) return [{ kind: "unknown" }];
  return ports.map((port) => pids({ kind: "port", port, clients: false }));
}

/** The words that `echo` and `printf` print. */
export function printed(args: readonly Field[]): Field[] {
  return args
    .filter((field) => field.kind !== "text" || !/^-[neE]+$/.test(field.text))
    .flatMap((field) =>
      field.kind === "text" ? [text(field.text.replace(/\\[nt]/g, "\n"))] : [field],
    );
}
