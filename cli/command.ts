import type { Io } from "./output/io.ts";
import type { Argument } from "./parse/argument.ts";
import type { Parsed } from "./parse/argv.ts";

export { SilentError, UsageError } from "./usage.ts";

/** One command of portclaim: what it takes, and what it does with it. */
export interface Command {
  name: string;
  args: Record<string, Argument>;
  /** What stands after `--`, where a command takes that. */
  rest?: string;
  /** Shown below its help: a line to type, and what it does. */
  examples: readonly (readonly [line: string, what: string])[];
  /** "json": prints JSON by itself when stdout is no terminal. "bare": only with --json. */
  output: "json" | "bare";
  /** It runs until it is ended: compiling its code pays. */
  lasts?: boolean;
  run(args: Parsed, io: Io): Promise<void>;
}

/** A command as it is known before it is loaded. */
export interface Listed {
  summary: string;
  load: () => Promise<Command>;
}
