import type { Matching } from "../model/consequences.ts";
import { type Field, type Layout, pids, textsOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";

/** Options that narrow what pgrep finds in ways that aren't followed, or print something else. */
const UNSUPPORTED =
  "v inverse F pidfile t terminal s session O older G group r runstates ns nslist A ignore-ancestors c count env cgroup";

/** What `pgrep` and `pkill` match; `undefined` if it can't be told. */
export function pgrep(args: readonly Field[]): Matching | undefined {
  const options = readOptions(args, {
    short: "gGPstuUFdrO",
    long: "signal pgroup group parent session terminal euid uid pidfile delimiter ns nslist older runstates env cgroup",
  });
  const { values, rest } = options;
  const has = (short: string, long: string) => values.has(short) || values.has(long);
  const valueOf = (short: string, long: string) => (values.get(short) ?? values.get(long))?.[0];
  if (
    args.some(({ kind }) => kind !== "text") ||
    UNSUPPORTED.split(" ").some((name) => values.has(name)) ||
    (valueOf("d", "delimiter") ?? " ") !== " "
  )
    return undefined;
  const [last] = textsOf(rest).slice(-1);
  const pattern = toRegExp(last ?? "", "extended", {
    ignoreCase: has("i", "ignore-case"),
    exact: has("x", "exact"),
  });
  const parents = valueOf("P", "parent");
  const groups = valueOf("g", "pgroup");
  const user = valueOf("u", "euid") ?? valueOf("U", "uid");
  // There may be one pattern only.
  if (rest.length > 1) return undefined;
  if (pattern === undefined || (!last && !parents && !groups && !user)) return undefined;
  // A list that isn't known narrows in a way that isn't known.
  if ([parents, groups, user].includes("")) return undefined;
  const numbers = (list: string) => list.split(",").map(Number);
  return {
    kind: "match",
    by: has("f", "full") ? "arguments" : "name",
    tests: last ? [{ pattern }] : [],
    ...(user && { user }),
    ...(parents && { parents: numbers(parents) }),
    ...(groups && { groups: numbers(groups) }),
    ...(has("n", "newest") && { only: "newest" as const }),
    ...(has("o", "oldest") && { only: "oldest" as const }),
  };
}

/** What `pgrep` prints. */
export function printedByPgrep(args: readonly Field[]): Field[] {
  const target = pgrep(args);
  return target ? [pids(target, layoutOfPgrep(args))] : [UNKNOWN];
}

/** What the lines of `pgrep` show: -a adds the arguments, -l the name. */
function layoutOfPgrep(args: readonly Field[]): Layout {
  const flags = textsOf(args).filter((word) => word.startsWith("-"));
  const has = (letter: string, long: string) =>
    flags.some((word) => word === long || (!word.startsWith("--") && word.includes(letter)));
  if (has("a", "--list-full")) return { line: "id and arguments", column: 1 };
  return { line: has("l", "--list-name") ? "id and name" : "id", column: 1 };
}
