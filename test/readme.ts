import type { Options } from "../cli/parse/options.ts";

/** What a command declares, as far as a line to type has to fit it. */
export interface Declared {
  name: string;
  options: Options;
  rest?: string;
}

/** Lines to type that a page shows, in blocks and between backquotes: "acquire --service web". */
function callsIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text);
  const inline = page.replace(/^```[\s\S]*?^```/gm, "").match(/`[^`\n]+`/g) ?? [];
  const lines = [...blocks.flatMap((block) => block.split("\n")), ...inline];
  return lines.flatMap((line) => {
    const code = line.replace(/\s#\s.*$/, "");
    const calls = code.matchAll(
      /(?<!\b(?:add|install|-g|remove) )\bportclaim ((?!--)[a-z][^|;&<)`\n]*)/g,
    );
    return [...calls].map(([, call = ""]) => call.trim());
  });
}

/** The calls on a page that portclaim would refuse: a command, a flag or a plain word it doesn't take. */
export function impossibleCalls(page: string, commands: readonly Declared[]): string[] {
  return callsIn(page).filter((call) => {
    const [name = "", ...words] = call.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    if (name === "help") return false;
    const command = commands.find((each) => each.name === name);
    return command === undefined || !fits(words, command);
  });
}

function fits(words: readonly string[], { options, rest }: Declared): boolean {
  const end = words.indexOf("--");
  if (end >= 0 && rest === undefined) return false;
  const given = words.slice(0, end < 0 ? undefined : end);
  const takesWords = Object.values(options).some(({ plain }) => plain);
  return given.every((word, i) => {
    if (word.startsWith("[")) return true;
    if (!word.startsWith("-")) return takesWords || isValue(given[i - 1], options);
    const name = word.replace(/^-+/, "").replace(/=.*/, "");
    return (
      ["json", "text", "help", "h"].includes(name) ||
      (Object.hasOwn(options, name) && !options[name]?.onlyPlain) ||
      Object.values(options).some(({ short }) => word === `-${short}`)
    );
  });
}

function isValue(before: string | undefined, options: Options): boolean {
  const option = options[before?.replace(/^--/, "") ?? ""];
  return before?.startsWith("--") === true && option !== undefined && option.type !== "flag";
}
