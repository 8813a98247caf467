import { UsageError } from "../exit.ts";
import { withDashes } from "./dashes.ts";
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
): UsageError {
  const what = `unknown flag ${flag}`;
  const line = rest === undefined || argv.includes("--") ? undefined : withDashes(argv, plain);
  if (line !== undefined) return new UsageError(what, `put -- before the command: ${line}`);
  const near = suggestFlag(flag, options);
  if (near !== undefined) return new UsageError(`${what}; did you mean ${near}?`);
  const name = flag.replace(/^-+/, "");
  const plainOption = Object.hasOwn(options, name) ? options[name] : undefined;
  if (plainOption) {
    return new UsageError(what, `leave it out: portclaim ${command} ${plainOption.value}`);
  }
  if (name === "port" && command === "list")
    return new UsageError(what, "to see one port: portclaim who 3000");
  const isDirectory = ["dir", "directory", "cwd", "path", "C"].includes(name);
  return new UsageError(what, isDirectory ? "run portclaim in that directory" : seeHelp(command));
}

export function givenTwice(command: Declared, flag: string): UsageError {
  return new UsageError(`${flag} can only be given once`, seeHelp(command.name));
}

export function unknownChoice(flag: string, value: string, choices: readonly string[]): UsageError {
  const near = suggest(value, choices);
  const cure = near === undefined ? `expected ${choices.join(" or ")}` : `did you mean ${near}?`;
  return new UsageError(`${flag}: unknown value ${JSON.stringify(value)}; ${cure}`);
}

/** `--` for a command that runs no other. */
export function noCommand({ name, options }: Declared): UsageError {
  const hint = options["prefer"]
    ? "to run a command on the port: portclaim run web -- npm run dev"
    : seeHelp(name);
  return new UsageError(`${name} takes no "--"`, hint);
}

export function unexpectedWord({ name, options }: Declared, word: string): UsageError {
  const plain = Object.keys(options).filter((each) => options[each]?.plain);
  const takes = plain.length === 0 ? "no arguments" : `one ${plain.join(" or ")}`;
  const what = `unexpected argument ${JSON.stringify(word)}; ${name} takes ${takes}`;
  return new UsageError(what, seeHelp(name));
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
