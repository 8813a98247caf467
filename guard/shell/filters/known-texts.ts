import { type Field, text, textsOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";

type OfText = (value: string, args: readonly Field[]) => string | undefined;

/** What simple uses of filters make of a text that is known; `undefined` for any other use. */
const OF_TEXT: Record<string, OfText> = {
  cut(value, args) {
    const { values } = readOptions(args, { short: "dfbc" });
    const field = Number(values.get("f")?.[0]);
    const mark = values.get("d")?.[0] ?? "\t";
    if (!(field > 0) || mark === "") return undefined;
    return eachLine(value, (line) =>
      line.includes(mark) ? (line.split(mark)[field - 1] ?? "") : line,
    );
  },
  tr(value, args) {
    const [from = "", to = "", ...others] = textsOf(args).map((word) => word.replace("\\n", "\n"));
    if (others.length > 0) return undefined;
    if (from === "-d" && /^[^\\[-]+$/.test(to)) return value.replace(oneOf(to), "");
    return from.length === 1 && to.length === 1 ? value.replaceAll(from, to) : undefined;
  },
  sort(value, args) {
    const flags = textsOf(args).join("");
    if (!/^(-[nru]+)*$/.test(flags)) return undefined;
    const lines = value
      .trimEnd()
      .split("\n")
      .toSorted(flags.includes("n") ? (a, b) => Number(a) - Number(b) : undefined);
    if (flags.includes("r")) lines.reverse();
    return (flags.includes("u") ? [...new Set(lines)] : lines).join("\n");
  },
  uniq(value, args) {
    if (args.length > 0) return undefined;
    const lines = value.split("\n");
    return lines.filter((line, i) => line !== lines[i - 1]).join("\n");
  },
  tac: (value, args) =>
    args.length > 0 ? undefined : value.trimEnd().split("\n").toReversed().join("\n"),
  sed(value, args) {
    const [program = "", ...others] = textsOf(args);
    const [, from = "", to = "", flags] = /^s\/([^/\\]*)\/([^/\\&]*)\/(g?)$/.exec(program) ?? [];
    const pattern = toRegExp(from, "basic");
    if (flags === undefined || others.length > 0 || from === "" || !pattern) return undefined;
    const whole = flags === "g" ? new RegExp(pattern, "g") : pattern;
    return eachLine(value, (line) => line.replace(whole, () => to));
  },
  awk(value, args) {
    const { values, rest } = readOptions(args, { short: "Fv" });
    const [program = "", ...others] = textsOf(rest);
    const [, column] = /^\s*\{\s*print\s+\$(\d|NF)\s*\}\s*$/.exec(program) ?? [];
    const mark = values.get("F")?.[0] ?? " ";
    if (column === undefined || others.length > 0 || values.has("v") || mark.length !== 1) {
      return undefined;
    }
    return eachLine(value, (line) => {
      const words = mark === " " ? line.trim().split(/\s+/) : line.split(mark);
      return (
        (column === "0" ? line : column === "NF" ? words.at(-1) : words[Number(column) - 1]) ?? ""
      );
    });
  },
};

const oneOf = (letters: string) => new RegExp(`[${letters.replace("^", "\\^")}]`, "g");

const eachLine = (value: string, change: (line: string) => string) =>
  value.replace(/\n$/, "").split("\n").map(change).join("\n");

/** Applies a filter to the texts among fields, and another function to the others. */
export function filterTexts(
  name: string,
  input: readonly Field[],
  args: readonly Field[],
  others: (rest: readonly Field[]) => Field[],
): Field[] {
  const change = Object.hasOwn(OF_TEXT, name) ? OF_TEXT[name] : undefined;
  if (change === undefined || !input.some(({ kind }) => kind === "text")) return others(input);
  const isKnown = args.every(({ kind }) => kind === "text");
  return input.flatMap((field) => {
    if (field.kind !== "text") return others([field]);
    const value = isKnown ? change(field.text, args) : undefined;
    return [value === undefined ? UNKNOWN : text(value)];
  });
}
