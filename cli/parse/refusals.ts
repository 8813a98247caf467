import { parseDigits } from "../../registry/model/claim.ts";
import { UsageError } from "../exit.ts";
import { quote, runLine, withDashes } from "./dashes.ts";
import { hintForFlag } from "./flag-hints.ts";
import type { Declared, Options } from "./options.ts";
import { suggest, suggestFlag } from "./suggest.ts";

const seeHelp = (command: string) => `run: portclaim ${command} --help`;

/** `argv` is the whole line up to the flag and beyond, `plain` the indexes of its plain words so far. */
export function unknownFlag(
  { name: command, rest }: Declared,
  options: Options,
  flag: string,
  argv: readonly string[],
  plain: readonly number[],
  typed = flag,
): UsageError {
  const what = `unknown flag ${typed}`;
  const line = rest === undefined || argv.includes("--") ? undefined : withDashes(argv, plain);
  if (line !== undefined) return new UsageError(what, `put -- before the command: ${line}`);
  const name = flag.replace(/^-+/, "");
  const value = valueBehind(argv, flag);
  const hint = hintForFlag(command, name, value);
  if (hint !== undefined) return new UsageError(what, hint);
  const near = suggestFlag(flag, options);
  if (near !== undefined) return new UsageError(`${what}; did you mean ${near}?`);
  const plainOption = options[name === "p" ? "port" : name];
  if (plainOption?.onlyPlain) {
    return new UsageError(what, `leave it out: portclaim ${command} ${value ?? plainOption.value}`);
  }
  return new UsageError(what, seeHelp(command));
}

/** The value that a flag was given: `--flag value` or `--flag=value`. */
function valueBehind(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = argv[at] ?? "";
  const value = word === flag ? argv[at + 1] : word.slice(flag.length + 1);
  return value?.startsWith("-") ? undefined : value;
}

export function givenTwice(command: Declared, flag: string): UsageError {
  return new UsageError(`${flag} can only be given once`, seeHelp(command.name));
}

export function unknownChoice(flag: string, value: string, choices: readonly string[]): UsageError {
  if (value === "json")
    return new UsageError(`${flag}: unknown value "json"; did you mean --json?`);
  const near = suggest(value, choices);
  const cure = near === undefined ? `expected ${choices.join(" or ")}` : `did you mean ${near}?`;
  return new UsageError(`${flag}: unknown value ${JSON.stringify(value)}; ${cure}`);
}

/** `--` for a command that runs no other; `own` are the words before it, `rest` those behind it. */
export function noCommand(
  { name, options }: Declared,
  own: readonly string[],
  rest: readonly string[],
): UsageError {
  const what = `${name} takes no "--"`;
  if (options["prefer"] === undefined) return new UsageError(what, "leave it out");
  const command = rest.length === 0 ? ["npm", "run", "dev"] : rest;
  const line = runLine(own.length === 0 ? ["web"] : own, command);
  return new UsageError(what, `to run a command on the port: ${line}`);
}

/** `argv` is the whole line, `plain` the indexes of its plain words up to the one that is unexpected. */
export function unexpectedWord(
  { name, options }: Declared,
  argv: readonly string[],
  plain: readonly number[],
): UsageError {
  const words = plain.map((at) => argv[at] ?? "");
  const word = words.at(-1) ?? "";
  const takes = Object.keys(options).filter((each) => options[each]?.plain);
  const list = takes.length === 0 ? "no arguments" : `one ${takes.join(" or ")}`;
  const what = `unexpected argument ${JSON.stringify(word)}; ${name} takes ${list}`;
  if (takes.length > 0) {
    const each = words.map((one) => `portclaim ${name} ${quote(one)}`);
    return new UsageError(what, `run it for each: ${each.join(" && ")}`);
  }
  const isPort = options["port"] !== undefined && parseDigits(word) !== undefined;
  const flag = isPort ? ` --port ${word}` : "";
  return new UsageError(what, `run: portclaim ${name}${flag}`);
}

/** A number where a service belongs. */
export function misplacedPort({ options }: Declared, port: string, isNamed: boolean): UsageError {
  if (options["prefer"] === undefined) {
    const hint = `to see what uses port ${port}: portclaim who ${port}`;
    return new UsageError(`unexpected port ${port}`, hint);
  }
  return new UsageError(
    isNamed
      ? `unexpected port ${port}; to ask for it, use --prefer ${port}`
      : `missing service; to ask for port ${port}, use --prefer ${port}`,
  );
}
