import { isPort, parseDigits } from "../../registry/model/claim.ts";
import { parseDuration } from "../../registry/model/duration.ts";
import { UsageError } from "../usage.ts";
import type { Argument } from "./argument.ts";
import { suggest } from "./suggest.ts";

/** The flags that every command takes. */
export const COMMON: Record<string, Argument> = {
  json: { type: "boolean", description: "Print JSON" },
  help: { type: "boolean", description: "Show this help" },
};

/** A command's arguments, checked against what it declares. */
export class Parsed {
  private readonly values = new Map<string, string[]>();
  /** What stands after `--`. */
  rest: string[] | undefined;

  constructor(readonly command: string) {}

  add(name: string, value: string): void {
    const before = this.values.get(name);
    if (before === undefined) this.values.set(name, [value]);
    else before.push(value);
  }

  all(name: string): string[] {
    return this.values.get(name) ?? [];
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.[0];
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** A port from 1 to 65535. */
  port(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const port = parseDigits(text);
    if (isPort(port)) return port;
    throw this.malformed(name, text, "a port is a number from 1 to 65535");
  }

  /** A process id. */
  pid(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const pid = parseDigits(text) ?? 0;
    if (pid > 0 && pid < 2 ** 31) return pid;
    throw this.malformed(name, text, "a process id is a number above 0");
  }

  /** A duration in seconds. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const seconds = parseDuration(text);
    if (seconds !== undefined) return seconds;
    throw this.malformed(name, text, 'a duration is like "30s", "10m" or "1h30m"');
  }

  private malformed(name: string, text: string, rule: string): UsageError {
    return new UsageError(
      `Cannot use ${JSON.stringify(text)} for ${name}: ${rule}`,
      seeHelp(this.command),
    );
  }
}

export function seeHelp(command: string): string {
  return `see: portclaim ${command} --help`;
}

type Spec = Record<string, Argument>;

/** What a command declares of its arguments. */
export interface Declared {
  name: string;
  args: Spec;
  rest?: string;
}

/** Reads a command's arguments. Throws a UsageError for whatever it doesn't declare. */
export function parseArguments(declared: Declared, argv: readonly string[]): Parsed {
  const spec = declared.args;
  const parsed = new Parsed(declared.name);
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      if (declared.rest === undefined) throw noRest(declared.name);
      parsed.rest = argv.slice(i + 1);
      break;
    }
    if (word === "-h") parsed.add("help", "true");
    else if (word.startsWith("-") && word !== "-") i += takeFlag(parsed, spec, word, argv[i + 1]);
    else takePositional(parsed, spec, word);
  }
  return parsed;
}

function noRest(command: string): UsageError {
  return new UsageError(`Cannot use "--": ${command} takes no command`, seeHelp(command));
}

/** What a command or all commands declare by a name. */
function argumentOf(spec: Spec, name: string): Argument | undefined {
  if (Object.hasOwn(spec, name)) return spec[name];
  return Object.hasOwn(COMMON, name) ? COMMON[name] : undefined;
}

function takeFlag(parsed: Parsed, spec: Spec, word: string, next: string | undefined): number {
  const equals = word.indexOf("=");
  const flag = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  const name = flag.startsWith("--") ? flag.slice(2) : flag;
  const known = argumentOf(spec, name);
  if (known === undefined || known.type === "positional" || !flag.startsWith("--")) {
    throw unknownFlag(parsed.command, spec, flag);
  }
  if (parsed.has(name) && !known.multiple) {
    throw new UsageError(`Cannot use ${flag} twice: it takes one value`, seeHelp(parsed.command));
  }
  if (known.type === "boolean") {
    if (inline !== undefined) throw new UsageError(`Cannot use ${word}: ${flag} takes no value`);
    parsed.add(name, "true");
    return 0;
  }
  const value = inline ?? next;
  if (value === undefined || (inline === undefined && value.startsWith("--"))) {
    const hint = known.valueHint ?? known.options?.join("|") ?? "VALUE";
    throw new UsageError(`Cannot use ${flag}: it needs a value`, `type: ${flag} ${hint}`);
  }
  if (known.options?.includes(value) === false) throw badChoice(flag, value, known.options);
  parsed.add(name, value);
  return inline === undefined ? 1 : 0;
}

function badChoice(flag: string, value: string, options: string[]): UsageError {
  const near = suggest(value, options);
  const rule = `it is one of ${options.join(", ")}`;
  const hint = near && `did you mean ${flag} ${near}?`;
  return new UsageError(`Cannot use ${JSON.stringify(value)} for ${flag}: ${rule}`, hint);
}

function takePositional(parsed: Parsed, spec: Spec, word: string): void {
  const names = Object.keys(spec).filter((each) => spec[each]?.type === "positional");
  const name = names.find((each) => !parsed.has(each) || spec[each]?.multiple);
  if (name === undefined) {
    const takes = names.length === 0 ? "no arguments without a flag" : "one argument";
    throw new UsageError(
      `Cannot use ${JSON.stringify(word)}: ${parsed.command} takes ${takes}`,
      seeHelp(parsed.command),
    );
  }
  parsed.add(name, word);
}

function unknownFlag(command: string, spec: Spec, flag: string): UsageError {
  const all = { ...spec, ...COMMON };
  const flags = Object.keys(all).filter((name) => all[name]?.type !== "positional");
  const near = suggest(flag.replace(/^-+/, ""), flags);
  return new UsageError(
    `Cannot use ${flag}: ${command} has no such flag`,
    near ? `did you mean --${near}?` : seeHelp(command),
  );
}
