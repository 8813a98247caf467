import type { Argument } from "../cli/parse/argument.ts";

/** What a command declares, as far as a page has to tell of it. */
export interface Documented {
  name: string;
  args: Record<string, Argument>;
}

const HEADING = /^### `portclaim ([a-z-]+)`/;
const FLAG = /^--([a-z-]+)(?:[ =](.+))?$/;

/** A page's sections on commands: the text below "### `portclaim NAME`", up to the next heading. */
function sectionsOf(page: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let section: string[] = [];
  for (const line of page.split("\n")) {
    if (line.startsWith("#")) section = [];
    const [, name] = HEADING.exec(line) ?? [];
    if (name !== undefined) sections.set(name, section);
    else section.push(line);
  }
  return sections;
}

/** The flags that a section's tables have in their first column, with what stands for a value. */
function flagsOf(section: readonly string[]): Map<string, string | undefined> {
  const cells = section.map((line) => /^\|((?:\\\||[^|])*)\|/.exec(line)?.[1] ?? "");
  const words = cells.flatMap((cell) => cell.match(/`[^`]+`/g) ?? []);
  const found = words.flatMap((word) => {
    const [, name, value] = FLAG.exec(word.slice(1, -1)) ?? [];
    return name === undefined ? [] : [[name, value?.replaceAll("\\|", "|")] as const];
  });
  return new Map(found);
}

function misstated(flag: string, value: string | undefined, argument: Argument): string[] {
  if (argument.type === "boolean") return value === undefined ? [] : [`${flag} takes no value`];
  if (value === undefined) return [`${flag} takes a value`];
  const options = argument.options?.join("|");
  const isOther = options !== undefined && value !== options && value !== "…";
  return isOther ? [`${flag} is one of ${options}`] : [];
}

/** Where a page's tables and what the commands declare part ways. */
export function disagreements(page: string, commands: readonly Documented[]): string[] {
  const sections = sectionsOf(page);
  const names = commands.map(({ name }) => name);
  const invented = [...sections.keys()].filter((name) => !names.includes(name));
  return [
    ...invented.map((name) => `there is no portclaim ${name}`),
    ...commands.flatMap(({ name, args }) => {
      const section = sections.get(name);
      if (section === undefined) return [`portclaim ${name} is missing`];
      return flagFaults(flagsOf(section), args).map((fault) => `portclaim ${name}: ${fault}`);
    }),
  ];
}

function flagFaults(told: ReturnType<typeof flagsOf>, args: Documented["args"]): string[] {
  const declared = Object.entries(args).filter(([, { type }]) => type !== "positional");
  const invented = [...told.keys()].filter((flag) => !declared.some(([name]) => name === flag));
  return [
    ...invented.map((flag) => `there is no --${flag}`),
    ...declared.flatMap(([flag, argument]) =>
      told.has(flag) ? misstated(`--${flag}`, told.get(flag), argument) : [`--${flag} is missing`],
    ),
  ];
}

/** Lines to type that a page shows, in blocks and between backquotes: "acquire --service web". */
function callsIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text);
  const inline = page.replace(/^```[\s\S]*?^```/gm, "").match(/`[^`\n]+`/g) ?? [];
  const lines = [...blocks.flatMap((block) => block.split("\n")), ...inline];
  return lines.flatMap((line) => {
    const code = line.replace(/\s#\s.*$/, "");
    const calls = code.matchAll(
      /(?<!\b(?:add|install|-g|remove) )\bportclaim ((?!--)[a-z][^|;&)`\n]*)/g,
    );
    return [...calls].map(([, call = ""]) => call.trim());
  });
}

/** The calls on a page that portclaim would refuse. */
export function impossibleCalls(page: string, commands: readonly Documented[]): string[] {
  return callsIn(page).filter((call) => {
    const [name = "", ...words] = call.split(/\s+/);
    if (name === "help") return false;
    const args = commands.find((command) => command.name === name)?.args;
    if (args === undefined) return true;
    const end = words.indexOf("--");
    const flags = words.slice(0, end < 0 ? undefined : end).filter((word) => word.startsWith("--"));
    const known = new Set([...Object.keys(args), "json", "help"]);
    return flags.some((flag) => !known.has(flag.slice(2).replace(/=.*/, "")));
  });
}
