import { isPort, parseDigits } from "../../registry/model/claim.ts";
import { parseDuration } from "../../registry/values/duration.ts";
import { UsageError } from "../exit.ts";
import { COMMON, type Declared, type Option, type Options } from "./options.ts";
import * as refusals from "./refusals.ts";

// Neither citty nor parseArgs of node:util: importing either costs a tenth of an acquire (measured).

export interface Parsed {
  /** The values of all options by name. */
  values: Record<string, boolean | string | string[] | number | undefined>;
  /** What follows `--`. */
  rest: string[] | undefined;
}

/** Reads a command's arguments. Throws a UsageError for anything that the command doesn't declare. */
export function parseArguments(command: Declared, argv: readonly string[]): Parsed {
  const options: Options = { ...command.options, ...COMMON };
  const given = new Map<string, string[]>();
  const plain: number[] = [];
  let rest: string[] | undefined;
  let number: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      if (command.rest === undefined)
        throw refusals.noCommand(command, argv.slice(0, i), argv.slice(i + 1));
      rest = argv.slice(i + 1);
      break;
    }
    if (word.startsWith("-") && word !== "-") {
      const [flag, inline] = splitFlag(word);
      const name = nameOf(options, flag);
      if (name === undefined) throw refusals.unknownFlag(command, options, flag, argv, plain);
      const value = valueOf(options[name] as Option, flag, inline, argv[i + 1]);
      if (given.has(name) && !options[name]?.multiple) throw refusals.givenTwice(command, flag);
      add(given, name, value);
      if (inline === undefined && options[name]?.type !== "flag") i++;
    } else if (word.startsWith("—") || word.startsWith("–")) {
      throw refusals.unknownFlag(command, options, `--${word.slice(1)}`, argv, plain, word);
    } else {
      plain.push(i);
      const name = plainFor(options, given, word);
      if (name !== undefined) add(given, name, word);
      else if (isNumber(word) && takesOnlyServices(options)) number ??= word;
      else throw refusals.unexpectedWord(command, argv, plain);
    }
  }
  if (given.has("help")) return { values: { help: true }, rest };
  if (number !== undefined) throw refusals.misplacedPort(command, number, given.has("service"));
  if (given.has("json") && given.has("text")) {
    throw new UsageError("--text can't be used with --json");
  }
  const values: Parsed["values"] = {};
  for (const name in options) values[name] = read(name, options[name] as Option, given.get(name));
  return { values, rest };
}

const takesOnlyServices = ({ service, port }: Options) => service?.plain && !port;

const isNumber = (word: string) => parseDigits(word) !== undefined;

/** Splits "--prefer=3000", "-p=3000" and "-p3000" into the flag and its value. */
function splitFlag(word: string): [flag: string, inline: string | undefined] {
  const equals = word.indexOf("=");
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  const isShort = !word.startsWith("--") && isNumber(word.slice(2));
  return isShort ? [word.slice(0, 2), word.slice(2)] : [word, undefined];
}

function nameOf(options: Options, flag: string): string | undefined {
  if (flag.startsWith("--")) {
    const name = flag.slice(2);
    return Object.hasOwn(options, name) && !options[name]?.onlyPlain ? name : undefined;
  }
  for (const name in options) if (options[name]?.short === flag.slice(1)) return name;
  return undefined;
}

/** The value of a flag: behind its "=", or the next word. */
function valueOf(
  option: Option,
  flag: string,
  inline: string | undefined,
  next: string | undefined,
): string {
  if (option.type === "flag") {
    if (inline === undefined) return "true";
    throw new UsageError(`${flag} takes no value`);
  }
  const value = inline ?? next;
  if (value !== undefined && (inline !== undefined || !value.startsWith("--"))) return value;
  const shown = option.value ?? option.choices?.join("|") ?? "VALUE";
  throw new UsageError(`missing value for ${flag}`, `type: ${flag} ${shown}`);
}

/** The option that takes a plain word: a port if it is all digits, else another one. */
function plainFor(
  options: Options,
  given: ReadonlyMap<string, string[]>,
  word: string,
): string | undefined {
  for (const name in options) {
    const option = options[name];
    if (!option?.plain || (given.has(name) && !option.multiple)) continue;
    if ((option.type === "port") === isNumber(word)) return name;
  }
  return undefined;
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
  const fail = (what: string, expected: string) => {
    const problem = `${JSON.stringify(text)} is not ${what}; expected ${expected}`;
    return new UsageError(option.onlyPlain ? problem : `${flag}: ${problem}`);
  };
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
    case "count": {
      const count = parseDigits(text) ?? 0;
      if (count > 0) return count;
      throw fail("a count", "a number above 0");
    }
    case "duration": {
      const seconds = parseDuration(text);
      if (seconds !== undefined) return seconds;
      const example = isNumber(text) ? `a unit, like ${text}s` : "30s, 10m or 1h30m, for example";
      throw fail("a duration", example);
    }
    case "choice":
      if (option.choices?.includes(text)) return text;
      throw refusals.unknownChoice(flag, text, option.choices ?? []);
    default:
      return text;
  }
}
