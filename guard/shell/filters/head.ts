import { type Field, oneWord, someOf, text, textsOf, UNKNOWN } from "../model/field.ts";

/** `head -1` takes one of several; `tail -n +2` skips a heading. */
export function takeSome(
  input: readonly Field[],
  args: readonly Field[],
  which: "head" | "tail",
): Field[] {
  const words = textsOf(args).join(" ");
  const [, sign, digits = "10"] = /^(?:-n ?|--lines[ =]|-(?=\d))?([+-]?)(\d+)?$/.exec(words) ?? [];
  if (sign === undefined) return input.map(() => UNKNOWN);
  const count = Number(digits);
  return input.map((field) => {
    if (field.kind === "text") {
      const lines = field.text.replace(/\n$/, "").split("\n");
      if (which === "tail" && sign === "+") return text(lines.slice(count - 1).join("\n"));
      if (sign !== "") return oneWord(field);
      return text((which === "head" ? lines.slice(0, count) : lines.slice(-count)).join("\n"));
    }
    if (sign === "+" && which === "tail" && count < 2) return field;
    const hasHeading = "heading" in field && field.heading === true;
    if (sign === "+" && which === "tail" && count === 2) {
      if (hasHeading) return { ...field, heading: false };
      return field.kind === "sockets" ? field : UNKNOWN;
    }
    const least = which === "head" && hasHeading ? 2 : 1;
    // The last of those that `pgrep -f` finds may be the shell that runs it.
    const isOfLine =
      field.kind === "pids" && field.target.kind === "match" && field.target.by === "arguments";
    if (which === "tail" && isOfLine) return UNKNOWN;
    return sign === "" && count >= least ? someOf(field) : UNKNOWN;
  });
}
