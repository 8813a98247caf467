import type { Command, Listed } from "../command.ts";
import { commonOptions, type Option, type Options } from "../parse/options.ts";

/** A possible word at the cursor, and what it means. */
export interface Candidate {
  value: string;
  description: string;
}

/** A request for the values of an option, with the line that they are for. */
export interface Question {
  command: string;
  name: string;
  option: Option;
  /** The values that the line gives for other flags. */
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
  const isNamed = ([each, { aliases }]: [string, Listed]) =>
    each === name || aliases?.includes(name);
  const [, listed] = Object.entries(commands).find(isNamed) ?? [];
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
  const options: Options = { ...command.options, ...commonOptions(command) };
  const { given, open, plain } = read(options, words);
  const ask = async (name: string) => {
    const option = options[name];
    if (option === undefined) return [];
    const choices = option.choices?.map((value) => ({ value, description: "" }));
    return choices ?? (await sources.values({ command: command.name, name, option, given }));
  };
  if (open !== undefined) return await ask(open);
  const [, flag, name = ""] = /^(--([^=]+)=)/.exec(current) ?? [];
  if (flag !== undefined) {
    const values = await ask(name);
    return values.map(({ value, description }) => ({ value: flag + value, description }));
  }
  const flags = Object.entries(options)
    .filter(([each, { onlyPlain, multiple }]) => !onlyPlain && (multiple || !given.has(each)))
    .map(([each, { summary }]) => ({
      value: `--${each}`,
      description: summary.replace(/\.$/, ""),
    }));
  if (current.startsWith("-")) return flags;
  const values = (await Promise.all(plain.map(ask))).flat();
  return values.length > 0 ? values : flags;
}

const shortFor = (options: Options, letter: string) =>
  Object.keys(options).find((name) => options[name]?.short === letter) ?? letter;

/** What a line has so far: its values, the flag that waits for one, the plain words to come. */
function read(options: Options, words: readonly string[]) {
  const given = new Map<string, string>();
  let plain = Object.keys(options).filter((name) => options[name]?.plain);
  let open: string | undefined;
  for (const word of words) {
    const [, flag = "", inline] = /^-(-?[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const name = flag.startsWith("-") ? flag.slice(1) : shortFor(options, flag);
    const option = options[name];
    if (open !== undefined) {
      given.set(open, word);
      open = undefined;
    } else if (name === "") {
      const isNumber = /^\d+$/.test(word);
      const taken = plain.find((each) => (options[each]?.type === "port") === isNumber);
      if (taken !== undefined) given.set(taken, word);
      // A port or a service is named once; services may follow one another.
      plain = plain.filter((each) => options[each]?.multiple);
    } else if (inline === undefined && option && option.type !== "flag") open = name;
    else given.set(name, inline ?? "");
  }
  return { given, open, plain };
}
