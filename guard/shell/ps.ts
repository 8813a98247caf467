import { type Field, type Line, pids, textsOf, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { toRegExp } from "./regexp.ts";

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
  const line = lineOf(bsdFormat ?? format, isBsd ? !has("c") : values.has("f") || values.has("F"));
  if (names !== undefined) {
    return names.split(",").map((name) => {
      const pattern = toRegExp(name, "fixed", { exact: true });
      return pattern ? pids({ kind: "match", by: "name", tests: [{ pattern }] }, line) : UNKNOWN;
    });
  }
  const isAll = isBsd ? has("a") && has("x") : values.has("e") || values.has("A");
  const isNarrowed =
    ["ppid", "pid", "user", "User", "group", "Group", "tty", "sid"].some((name) =>
      values.has(name),
    ) ||
    (!isBsd && [...SELECTING].some((letter) => values.has(letter)));
  return isAll && !isNarrowed ? [{ kind: "processes", line, tests: [] }] : [UNKNOWN];
}

function lineOf(format: string, isFull: boolean): Line {
  if (format === "") return isFull ? "id and arguments" : "id and name";
  if (/\b(args|command|cmd)\b/.test(format)) return "id and arguments";
  return /\b(u?comm|ucmd)\b/.test(format) ? "id and name" : "id";
}
