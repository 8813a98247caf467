import { type Field, oneWord, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { takeByAwk } from "./awk.ts";
import { grep } from "./grep.ts";
import { takeSome } from "./head.ts";
import { takeBySed } from "./sed.ts";

type Filter = (input: readonly Field[], args: readonly Field[]) => Field[];

const unchanged: Filter = (input) => [...input];

/** What filters make of lines that hold process ids. Those that take columns out leave the ids. */
export const FILTERS: Record<string, Filter> = {
  awk: takeByAwk,
  gawk: takeByAwk,
  mawk: takeByAwk,
  cut,
  sed: takeBySed,
  sort: unchanged,
  tac: unchanged,
  tr: unchanged,
  uniq: unchanged,
  column: unchanged,
  paste: unchanged,
  // Their number stands for the ids: `[ $(pgrep node | wc -l) -gt 0 ]`.
  wc: (input) => input.map((field) => (field.kind === "pids" ? field : UNKNOWN)),
  head: (input, args) => takeSome(input, args, "head"),
  tail: (input, args) => takeSome(input, args, "tail"),
  grep: (input, args) => grep(input, args, "basic"),
  egrep: (input, args) => grep(input, args, "extended"),
  fgrep: (input, args) => grep(input, args, "fixed"),
  rg: (input, args) => grep(input, args, "extended"),
};

/** `cut -d' ' -f2`: if it takes another column than the id's, what it prints isn't known. */
function cut(input: readonly Field[], args: readonly Field[]): Field[] {
  const { values } = readOptions(args, { short: "dfbc", long: "delimiter fields" });
  const one = Number((values.get("f") ?? values.get("fields"))?.[0]);
  const isBlank = (values.get("d") ?? values.get("delimiter"))?.[0] === " ";
  return input.map((field) => {
    if (field.kind === "pids" && field.column === 0) return UNKNOWN;
    if (field.kind !== "pids" || !isBlank || field.column === undefined) return oneWord(field);
    // `ps -o pid` aligns its ids to the right: an empty column comes first.
    const column = field.names && field.column === 1 ? 2 : field.column;
    return one === column ? field : UNKNOWN;
  });
}
