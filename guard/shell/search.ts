import type { Matching, Target } from "../target.ts";
import { type Field, pids, text, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { toRegExp } from "./regexp.ts";

/** What `lsof` finds: ids with -t, else lines from which something takes the ids. */
export function lsof(args: readonly Field[]): Field[] {
  const words = args.flatMap((field) => (field.kind === "text" ? [field.text] : [""]));
  const found: Target[] = [];
  let listening = false;
  let all = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-") || word.startsWith("--")) {
      // A file, or what is only known to the shell.
      if (word === "" || word.startsWith("/") || word.startsWith(".")) return [UNKNOWN];
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? "";
      if (letter === "a") all = true;
      if (!"icuspgdFSTor".includes(letter)) continue;
      let value = word.slice(at + 1);
      const next = words[i + 1] ?? "";
      const takesNext = letter === "i" ? isAddress(next) : !next.startsWith("-");
      if (value === "" && takesNext && !"FSTor".includes(letter)) value = words[++i] ?? "";
      if (letter === "s") listening ||= value.toUpperCase().includes("LISTEN");
      else found.push(...selected(letter, value));
      break;
    }
  }
  const ports = found.map((one) =>
    one.kind === "port" && listening ? { ...one, clients: false } : one,
  );
  if (ports.length === 0) return [UNKNOWN];
  return all && ports.length > 1
    ? [pids({ kind: "every", of: ports })]
    : ports.map((one) => pids(one));
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

/** What `pgrep` and `pkill` match; `undefined` if it can't be told. */
export function pgrep(args: readonly Field[]): Matching | undefined {
  const options = readOptions(args, {
    short: "gGPstuUFdrO",
    long: "signal pgroup group parent session terminal euid uid pidfile delimiter ns nslist older runstates",
  });
  const { values, rest } = options;
  const has = (short: string, long: string) => values.has(short) || values.has(long);
  const valueOf = (short: string, long: string) => (values.get(short) ?? values.get(long))?.[0];
  if (
    ["v", "inverse", "F", "pidfile", "t", "terminal", "s", "session", "O", "older"].some((name) =>
      values.has(name),
    )
  )
    return undefined;
  const last = rest.at(-1);
  if (last !== undefined && last.kind !== "text") return undefined;
  const pattern = toRegExp(last?.text ?? "", "extended", {
    ignoreCase: has("i", "ignore-case"),
    exact: has("x", "exact"),
  });
  const parents = valueOf("P", "parent");
  const groups = valueOf("g", "pgroup");
  const user = valueOf("u", "euid") ?? valueOf("U", "uid");
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

/** The processes with one of these names: `pidof node`. */
export function pidof(args: readonly Field[]): Field[] {
  const { rest } = readOptions(args, { short: "oS", long: "omit-pid separator" });
  return rest.map((field) => {
    const pattern =
      field.kind === "text" ? toRegExp(field.text, "fixed", { exact: true }) : undefined;
    return pattern ? pids({ kind: "match", by: "program", tests: [{ pattern }] }) : UNKNOWN;
  });
}

/** What `ps` prints: the processes of the names behind -C, else the lines of all. */
export function ps(args: readonly Field[]): Field[] {
  const { values } = readOptions(args, { short: "CGgNOopqsTtUu", long: "format ppid pid user" });
  const names = values.get("C")?.[0];
  if (names === undefined) return [{ kind: "lines", of: "processes" }];
  return names.split(",").map((name) => {
    const pattern = toRegExp(name, "fixed", { exact: true });
    return pattern ? pids({ kind: "match", by: "name", tests: [{ pattern }] }) : UNKNOWN;
  });
}

/** What `ss` prints: the sockets that a filter selects, else the lines of all. */
export function ss(args: readonly Field[]): Field[] {
  const line = args.map((field) => (field.kind === "text" ? field.text : "?")).join(" ");
  const ports = [...line.matchAll(/\bsport\s*(?:=|==|eq)\s*\S*?:?(\d+)\b/g)];
  if (ports.length === 0) return [{ kind: "lines", of: "sockets" }];
  return ports.map(([, port]) => pids({ kind: "port", port: Number(port), clients: false }));
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
