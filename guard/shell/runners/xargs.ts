import { type Field, linesOf, split, text, textOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import type { Shell } from "../model/shell.ts";

/** Runs its command with the words of its input as arguments. */
export function xargs(shell: Shell, args: readonly Field[], input: Field[] = []): Field[] {
  const { values, rest } = readOptions(
    args,
    { short: "nPILdaEs", long: "max-args max-procs replace delimiter arg-file max-lines" },
    true,
  );
  // -p asks, and there is no terminal to answer; -0 expects what isn't lines.
  if (["p", "interactive", "0", "null"].some((name) => values.has(name))) return [];
  const file = (values.get("a") ?? values.get("arg-file"))?.[0];
  const read = file === undefined ? input : shell.read([text(file)]);
  const mark = (values.get("I") ?? values.get("replace"))?.[0];
  if (mark === undefined) {
    const words = split(read);
    return shell.run(rest.length > 0 ? [...rest, ...words] : [text("echo"), ...words]);
  }
  return linesOf(read).flatMap((word) => {
    // `xargs -I{} sh -c 'kill {}'`: the script reads the ids from a variable.
    shell.set(XARGS, [word]);
    shell.export(XARGS);
    const place = word.kind === "text" ? word.text : `$${XARGS}`;
    const put = (arg: Field): Field[] => {
      const argument = textOf(arg);
      if (argument === mark) return [word];
      return [argument?.includes(mark) ? text(argument.replaceAll(mark, place)) : arg];
    };
    return shell.run(rest.flatMap(put));
  });
}

const XARGS = "_xargs";

/** GNU parallel: a command once for each word of its input, or behind ":::". */
export function parallel(shell: Shell, args: readonly Field[], input: Field[] = []): Field[] {
  const { values, rest } = readOptions(args, { short: "jIaNnC", long: "jobs arg-file" }, true);
  if (["a", "arg-file", "N", "n", "C", "pipe", "dry-run"].some((name) => values.has(name)))
    return [];
  const at = rest.findIndex((arg) => textOf(arg)?.startsWith(":::"));
  const command = at < 0 ? rest : rest.slice(0, at);
  const words = at < 0 ? split(input) : rest.slice(at + 1);
  const mark = values.get("I")?.[0] ?? "{}";
  const isMarked = command.some((arg) => textOf(arg)?.includes(mark));
  const all = isMarked ? command : [...command, text(mark)];
  // It has a shell run the words, joined.
  const script = all.map((arg) => textOf(arg) ?? "$_").join(" ");
  return xargs(shell, [text("-I"), text(mark), text("sh"), text("-c"), text(script)], words);
}
