import type { Target } from "../model/consequences.ts";
import { type Field, type Layout, type Line, pids, textsOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";

/** Options that choose processes: what else is listed then isn't known. */
const SELECTING = "CGgpqstTUu";

/**
 * What ps(1) prints: the processes of the names behind -C, or the lines of all, as with `aux` and `-ef`. By
 * itself it lists those of its terminal alone.
 */
export function ps(args: readonly Field[]): Field[] {
  if (args.some(({ kind }) => kind !== "text")) return [UNKNOWN];
  const { values, rest } = readOptions(args, {
    short: "CGgNOopqsTtUu",
    long: "format ppid pid user User group Group tty sid cols rows sort",
  });
  const names = values.get("C")?.[0];
  const format = [...(values.get("o") ?? []), ...(values.get("format") ?? [])].join(",");
  // `-aux` is read as `aux`, in which u takes no value.
  const letters = textsOf(args).find((word) => /^-?[a-zA-Z]+$/.test(word)) ?? "";
  const isBsd = !letters.startsWith("-") || /^-(?=\w*a)(?=\w*x)/.test(letters);
  const has = (letter: string) => letters.includes(letter);
  const bsdFormat = isBsd && letters.endsWith("o") ? textsOf(rest.slice(1))[0] : undefined;
  const isFull = isBsd ? !has("c") : values.has("f") || values.has("F");
  const isOfUsers = isBsd ? has("u") : isFull;
  const layout = {
    ...layoutOf(bsdFormat ?? format, isFull, isOfUsers),
    ...(hidesHeading(values, format) && { heading: false }),
  };
  const chosen = chosenBy(values);
  if (chosen) return [pids(chosen, layout)];
  if (names !== undefined) {
    return names.split(",").map((name) => {
      const pattern = toRegExp(name, "fixed", { exact: true });
      return pattern ? pids({ kind: "match", by: "name", tests: [{ pattern }] }, layout) : UNKNOWN;
    });
  }
  const isAll = isBsd ? has("a") && has("x") : values.has("e") || values.has("A");
  const isNarrowed =
    ["ppid", "pid", "user", "User", "group", "Group", "tty", "sid"].some((name) =>
      values.has(name),
    ) ||
    (!isBsd && [...SELECTING].some((letter) => values.has(letter)));
  return isAll && !isNarrowed ? [{ kind: "processes", tests: [], ...layout }] : [UNKNOWN];
}

/** The processes that only -p, or only --ppid, chooses. */
function chosenBy(values: ReadonlyMap<string, string[]>): Target | undefined {
  const others = [...values.keys()].filter(
    (name) => !/^(o|format|f|no-headers|noheaders?)$/.test(name),
  );
  const [name = "", ...more] = others;
  const ids = values.get(name)?.[0] ?? "";
  if (more.length > 0 || !/^\d+$/.test(ids)) return undefined;
  if (name === "p" || name === "pid" || name === "q") return { kind: "pid", pid: Number(ids) };
  if (name === "ppid") return { kind: "match", by: "id", tests: [], parents: [Number(ids)] };
  return undefined;
}

/** `pid=` has no heading; with other columns that have none either, ps prints no heading at all. */
const hidesHeading = (values: ReadonlyMap<string, string[]>, format: string) =>
  ["no-headers", "no-heading", "noheader", "noheaders"].some((name) => values.has(name)) ||
  (format !== "" && format.split(/[\s,]+/).every((name) => name.endsWith("=")));

function layoutOf(format: string, isFull: boolean, isOfUsers: boolean): Layout {
  const heading = true;
  if (format === "") {
    if (isOfUsers) return { line: "user, id and arguments", column: 2, heading };
    const names = isFull ? [] : ["pid", "tty", "time", "comm"];
    return { line: isFull ? "id and arguments" : "id and name", column: 1, names, heading };
  }
  const names = format.split(/[\s,]+/).map((name) => name.replace(/=.*$|:\d+$/, ""));
  const column = names.indexOf("pid") + 1;
  // What stands behind a column of several words has no number.
  const wide = names.findIndex((name) => /^(args|command|cmd|lstart|start|stime)$/.test(name));
  const known = wide >= 0 ? names.slice(0, wide) : names;
  const line = lineOf(format);
  const isOfUser =
    line === "id and arguments" && /^(ruser|user|euser) pid$/.test(names.slice(0, 2).join(" "));
  return {
    line: isOfUser ? "user, id and arguments" : line,
    heading,
    names: known,
    column,
  };
}

function lineOf(format: string): Line {
  if (/\b(args|command|cmd)\b/.test(format)) return "id and arguments";
  return /\b(u?comm|ucmd)\b/.test(format) ? "id and name" : "id";
}
