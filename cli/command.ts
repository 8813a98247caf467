import type { Io } from "./output/io.ts";
import type { Options, Values } from "./parse/options.ts";

export interface Command<O extends Options = Options> {
  name: string;
  /** Why and how to use it, in paragraphs, for the help and the documentation. */
  about: string;
  options: O;
  /** It can't be called without its plain word. */
  needsWord?: true;
  /** What follows `--`, if the command takes that: "COMMAND [ARGUMENT…]". */
  rest?: string;
  /** A line to type, and what it does. */
  examples: readonly (readonly [line: string, what: string])[];
  /** "json": prints JSON by itself when stdout is not a terminal. "bare": only with --json. */
  output: "json" | "bare";
  /** It runs until it is stopped, so compiling its code pays off. */
  lasts?: boolean;
  /** It prints nothing that could be JSON. */
  onlyText?: true;
  /** `rest` is what followed `--`. */
  run(values: Values<O>, io: Io, rest: string[] | undefined): Promise<void>;
}

/** Keeps the types of a command's options for its `run`, and hides them from all others. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

export type Group = "Claim" | "Look" | "Servers" | "Set up";

/** What is known about a command before it is loaded. */
export interface Listed {
  group: Group;
  /** One imperative sentence. */
  summary: string;
  aliases?: readonly string[];
  load: () => Promise<Command>;
}
