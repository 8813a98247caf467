import type { Command, Listed } from "../command.ts";
import type { Argument } from "../parse/argument.ts";
import { COMMON } from "../parse/argv.ts";

/** A word that may stand where the cursor is, and what it means. */
export interface Candidate {
  value: string;
  description: string;
}

/** What the values of an argument are, and on which line they are asked for. */
export interface Question {
  command: string;
  name: string;
  argument: Argument;
  /** The values that the line has for other flags. */
  given: ReadonlyMap<string, string>;
}

export type Commands = Record<string, Listed>;

export interface Sources {
  commands: Commands;
  /** Values that the registry knows. */
  values(question: Question): Candidate[] | Promise<Candidate[]>;
}

const GLOBAL: Candidate[] = [
  { value: "--help", description: "Show the help" },
  { value: "--version", description: "Show the version" },
];

/** Completes a command line: its words after `portclaim`, the last of which is being typed. */
export async function candidates(words: readonly string[], sources: Sources): Promise<Candidate[]> {
  const current = words.at(-1) ?? "";
  const found = await allFor(words.slice(0, -1), current, sources);
  return found.filter(({ value }) => value.startsWith(current));
}

async function allFor(before: readonly string[], current: string, sources: Sources) {
  const { commands } = sources;
  const [name = "", ...words] = before;
  if (before.length === 0) return current.startsWith("-") ? GLOBAL : commandNames(commands);
  if (name === "help") return words.length === 0 ? commandNames(commands) : [];
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (listed === undefined || words.includes("--")) return [];
  return await argumentsOf(await listed.load(), words, current, sources);
}

function commandNames(commands: Commands): Candidate[] {
  return Object.entries(commands).map(([value, { summary }]) => ({ value, description: summary }));
}

async function argumentsOf(
  command: Command,
  words: readonly string[],
  current: string,
  sources: Sources,
): Promise<Candidate[]> {
  const spec: Record<string, Argument> = { ...command.args, ...COMMON };
  const { given, open, positionals } = read(spec, words);
  const ask = async (name: string) => {
    const argument = spec[name];
    if (argument === undefined) return [];
    const options = argument.options?.map((value) => ({ value, description: "" }));
    return options ?? (await sources.values({ command: command.name, name, argument, given }));
  };
  if (open !== undefined) return await ask(open);
  const [, flag, name = ""] = /^(--([^=]+)=)/.exec(current) ?? [];
  if (flag !== undefined) {
    const values = await ask(name);
    return values.map(({ value, description }) => ({ value: flag + value, description }));
  }
  const flags = Object.entries(spec)
    .filter(([each, { type, multiple }]) => type !== "positional" && (multiple || !given.has(each)))
    .map(([each, { description }]) => ({ value: `--${each}`, description }));
  if (current.startsWith("-")) return flags;
  const next = positionals[0];
  const values = next === undefined ? [] : await ask(next);
  return values.length > 0 ? values : flags;
}

/** What a line has so far: its values, the flag that waits for one, the positionals to come. */
function read(spec: Record<string, Argument>, words: readonly string[]) {
  const given = new Map<string, string>();
  const positionals = Object.keys(spec).filter((name) => spec[name]?.type === "positional");
  let open: string | undefined;
  for (const word of words) {
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (open !== undefined) {
      given.set(open, word);
      open = undefined;
    } else if (name === "") {
      const positional = positionals.shift();
      if (positional !== undefined) given.set(positional, word);
    } else if (inline === undefined && spec[name] && spec[name].type !== "boolean") open = name;
    else given.set(name, inline ?? "");
  }
  return { given, open, positionals };
}
