import type { Matching, Target } from "../target.ts";
import { type Field, type Layout, pids, text, textsOf, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { toRegExp } from "./regexp.ts";

/** What `lsof` finds: ids with -t, else lines from which something takes the ids. */
export function lsof(args: readonly Field[]): Field[] {
  const words = args.flatMap((field) => (field.kind === "text" ? [field.text] : [""]));
  const found: Target[] = [];
  let listening = false;
  let all = false;
  let isTerse = false;
  let narrows = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-") || word.startsWith("--")) {
      // A file, or what is only known to the shell.
      if (!word.startsWith("+")) return [UNKNOWN];
      if (word === "+c") i++;
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? "";
      if (letter === "a") all = true;
      if (letter === "t") isTerse = true;
      if (!"icuspgdFSTor".includes(letter)) continue;
      let value = word.slice(at + 1);
      const next = words[i + 1] ?? "";
      const takesNext = letter === "i" ? isAddress(next) : !next.startsWith("-");
      if (value === "" && takesNext && !"FSTor".includes(letter)) value = words[++i] ?? "";
      // Exclusions, other states, addresses and one family narrow in ways that aren't followed.
      if (value.startsWith("^") || (letter === "s" && !/^(TCP:LISTEN)?$/i.test(value)))
        return [UNKNOWN];
      if (letter === "i" && /^[46]|@/.test(value)) return [UNKNOWN];
      if (letter === "d" || letter === "g") narrows = true;
      if (letter === "s") listening ||= value !== "";
      else found.push(...selected(letter, value));
      break;
    }
  }
  const ports = found.map((one) =>
    one.kind === "port" && listening ? { ...one, clients: false } : one,
  );
  const flags = words.filter((word) => /^-[a-zA-Z]+$/.test(word)).join("");
  // Without -P, ports have names.
  const isNumeric = !isTerse && flags.includes("P");
  if (ports.length === 0) {
    return [
      isNumeric ? { kind: "sockets", tests: [], line: "id and short name", column: 2 } : UNKNOWN,
    ];
  }
  const layoutFor = ({ kind }: Target): Layout => {
    if (isTerse) return { line: "id", column: 1 };
    // The lines of anything but a port show its files.
    const line = kind === "port" ? "id and short name" : "unknown";
    if (words.some((word) => word.startsWith("-F"))) return { line, column: 1 };
    return { line, column: 2, names: ["comm"], heading: true };
  };
  if (all && narrows) return [UNKNOWN];
  const targets: Target[] = all && ports.length > 1 ? [{ kind: "every", of: ports }] : ports;
  return targets.map((one) => pids(one, layoutFor(one)));
}

const isAddress = (word: string) => /^(?:[46]?(tcp|udp)?[@:].*|[46]?(tcp|udp)(:.*)?)$/i.test(word);

/** What one option of lsof selects. */
function selected(letter: string, value: string): Target[] {
  if (letter === "i") {
    if (/^[46]?udp/i.test(value)) return [];
    return portsIn(value.slice(value.lastIndexOf(":") + 1)).map((port) => ({
      kind: "port",
      port,
      clients: true,
    }));
  }
  if (letter === "p") return value.split(",").flatMap((pid) => pidTarget(pid));
  if (letter === "u" && value !== "" && !value.startsWith("^")) {
    return value.split(",").map((user) => ({ kind: "user", user }));
  }
  if (letter !== "c" || value === "") return [];
  const pattern = toRegExp(value, "fixed");
  const tests = pattern ? [{ pattern: new RegExp(`^${pattern.source}`) }] : [];
  return tests.length === 0 ? [] : [{ kind: "match", by: "name", tests }];
}

/** "3000,3001", "3000-3010"; ports that aren't numbers are left out. */
export function portsIn(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === "") return [];
    const count = Math.min(Number(last) - Number(first) + 1, 1000);
    return Array.from({ length: Math.max(0, count) }, (_, i) => Number(first) + i).filter(
      (port) => port > 0 && port < 65_536,
    );
  });
}

function pidTarget(word: string): Target[] {
  return /^\d+$/.test(word) ? [{ kind: "pid", pid: Number(word) }] : [];
}

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

/** What the lines of `pgrep` show: -a adds the arguments, -l the name. */
export function layoutOfPgrep(args: readonly Field[]): Layout {
  const flags = textsOf(args).filter((word) => word.startsWith("-"));
  const has = (letter: string, long: string) =>
    flags.some((word) => word === long || (!word.startsWith("--") && word.includes(letter)));
  if (has("a", "--list-full")) return { line: "id and arguments", column: 1 };
  return { line: has("l", "--list-name") ? "id and name" : "id", column: 1 };
}

/** The processes with one of these names: `pidof node`. */
export function pidof(args: readonly Field[]): Field[] {
  const { values, rest } = readOptions(args, { short: "oS", long: "omit-pid separator" });
  const some = values.has("s");
  return rest.map((field) => {
    const pattern =
      field.kind === "text" ? toRegExp(field.text, "fixed", { exact: true }) : undefined;
    if (pattern === undefined) return UNKNOWN;
    return { ...pids({ kind: "match", by: "program", tests: [{ pattern }] }), some };
  });
}

export const seq = (args: readonly Field[]): Field[] => {
  const numbers = args.map((field) => (field.kind === "text" ? Number(field.text) : Number.NaN));
  const [first = Number.NaN, second = first, third] = numbers;
  const from = numbers.length === 1 ? 1 : first;
  const [step, to] =
    third === undefined ? [1, numbers.length === 1 ? first : second] : [second, third];
  if (!(step > 0) || !(to >= from) || to - from > 1000 * step) return [UNKNOWN];
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, i) => text(String(from + i * step)));
};
