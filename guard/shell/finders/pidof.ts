import { type Field, pids, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";

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
