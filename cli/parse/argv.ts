import { isPort, parseDigits } from "../../registry/model/claim.ts";
import { parseDuration } from "../../registry/model/duration.ts";
import { UsageError } from "../exit.ts";
import { COMMON, type Option, type Options } from "./options.ts";
import { suggestFlag } from "./suggest.ts";

// citty would parse these too, but importing it costs 2.4 ms of an acquire's 8 (measured).

/** What a command declares, as far as parsing needs it. */
export interface Declared {
  name: string;
  options: Options;
  rest?: string;
}

export interface Parsed {
  /** The values of all options by name. */
  values: Record<string, boolean | string | string[] | number | undefined>;
  /** What follows `--`. */
  rest: string[] | undefined;
}

export function seeHelp(command: string): string {
  return `run: portclaim ${command} --help`;
}

/** Reads a command's arguments. Throws a UsageError for anything that the command doesn't declare. */
export function parseArguments(command: Declared, argv: readonly string[]): Parsed {
  const options: Options = { ...command.options, ...COMMON };
  const given = new Map<string, string[]>();
  let rest: string[] | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      if (command.rest === undefined) {
        throw new UsageError(`${command.name} takes no "--"`, seeHelp(command.name));
      }
      rest = argv.slice(i + 1);
      break;
    }
    if (word.startsWith("-") && word !== "-") {
      i += takeFlag(command, options, given, word, argv[i + 1]);
    } else takeWord(command, options, given, word);
  }
  const values: Parsed["values"] = {};
  for (const name in options) values[name] = read(name, options[name] as Option, given.get(name));
  return { values, rest };
}

/** Takes a flag. Returns how many of the following words were its value. */
function takeFlag(
  command: Declared,
  options: Options,
  given: Map<string, string[]>,
  word: string,
  next: string | undefined,
): number {
  const equals = word.indexOf("=");
  const flag = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  const name = nameOf(options, flag);
  const option = name === undefined ? undefined : options[name];
  if (name === undefined || option === undefined) throw unknownFlag(command, options, flag);
  if (given.has(name) && !option.multiple) {
    throw new UsageError(`${flag} can only be given once`, seeHelp(command.name));
  }
  if (option.type === "flag") {
    if (inline !== undefined) throw new UsageError(`${flag} takes no value`, seeHelp(command.name));
    given.set(name, ["true"]);
    return 0;
  }
  const value = inline ?? next;
  if (value === undefined || (inline === undefined && value.startsWith("--"))) {
    const shown = option.value ?? option.choices?.join("|") ?? "VALUE";
    throw new UsageError(`missing value for ${flag}`, `type: ${flag} ${shown}`);
  }
  add(given, name, value);
  return inline === undefined ? 1 : 0;
}

function nameOf(options: Options, flag: string): string | undefined {
  if (flag.startsWith("--")) {
    const name = flag.slice(2);
    return Object.hasOwn(options, name) && !options[name]?.onlyPlain ? name : undefined;
  }
  for (const name in options) if (options[name]?.short === flag.slice(1)) return name;
  return undefined;
}

/** Takes a plain word: a port if it is all digits and the command takes one, else another value. */
function takeWord(
  command: Declared,
  options: Options,
  given: Map<string, string[]>,
  word: string,
): void {
  const isNumber = parseDigits(word) !== undefined;
  let other: string | undefined;
  for (const name in options) {
    const option = options[name];
    if (!option?.plain || (given.has(name) && !option.multiple)) continue;
    if (option.type === "port" && isNumber) return add(given, name, word);
    if (option.type !== "port") other ??= name;
  }
  if (other !== undefined && isNumber && options["prefer"] && given.get(other) === undefined) {
    throw new UsageError(`missing service; to ask for port ${word}, use --prefer ${word}`);
  }
  if (other !== undefined) return add(given, other, word);
  if (command.rest !== undefined) {
    const hint = `put -- before the command: portclaim ${command.name} … -- ${word} …`;
    throw new UsageError(`unexpected argument ${JSON.stringify(word)}`, hint);
  }
  throw new UsageError(`unexpected argument ${JSON.stringify(word)}`, seeHelp(command.name));
}

function add(given: Map<string, string[]>, name: string, value: string): void {
  const before = given.get(name);
  if (before === undefined) given.set(name, [value]);
  else before.push(value);
}

/** The value of an option, checked by its type. */
function read(name: string, option: Option, texts: string[] | undefined): Parsed["values"][string] {
  if (option.type === "flag") return texts !== undefined;
  if (option.multiple) return texts ?? [];
  const text = texts?.[0];
  if (text === undefined) return undefined;
  const flag = option.onlyPlain ? (option.value ?? name) : `--${name}`;
  const fail = (what: string, expected: string) =>
    new UsageError(`${flag}: ${JSON.stringify(text)} is not ${what}; expected ${expected}`);
  switch (option.type) {
    case "port": {
      const port = parseDigits(text);
      if (isPort(port)) return port;
      throw fail("a port", "a number from 1 to 65535");
    }
    case "pid": {
      const pid = parseDigits(text) ?? 0;
      if (pid > 0 && pid < 2 ** 31) return pid;
      throw fail("a process id", "a number above 0");
    }
    case "duration": {
      const seconds = parseDuration(text);
      if (seconds !== undefined) return seconds;
      throw fail("a duration", '"30s", "10m" or "1h30m", for example');
    }
    case "choice": {
      const choices = option.choices ?? [];
      if (choices.includes(text)) return text;
      throw fail("one of its values", choices.join(", "));
    }
    default:
      return text;
  }
}

function unknownFlag(command: Declared, options: Options, flag: string): UsageError {
  const near = suggestFlag(flag, options);
  if (near === undefined) return new UsageError(`unknown flag ${flag}`, seeHelp(command.name));
  return new UsageError(`unknown flag ${flag}; did you mean ${near}?`);
}
