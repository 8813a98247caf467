import type { End, Forced } from "./consequences.ts";
import type { Field } from "./field.ts";
import type { Outcome } from "./outcome.ts";

/** Characters of a script that are read. */
export const MAX_LENGTH = 20_000;

/** What programs and builtins need of the shell that runs them. */
export interface Shell {
  /** What is known of the exit status of the last command. */
  outcome: Outcome;
  /** Notes what a command would end, or force, unless it may never be reached. */
  note(ends: readonly End[]): void;
  force(forced: Forced): void;
  /** `undefined` once a `cd` went to a directory that isn't known. */
  cwd: string | undefined;
  variable(name: string): Field[] | undefined;
  set(name: string, value: Field[], isArray?: boolean): void;
  export(name: string): void;
  /** Sets `$0`, `$1`, `$@` and so on. */
  setArguments(argv: readonly Field[]): void;
  subshell(): Shell;
  /** Another shell, with the exported variables alone. */
  child(argv: readonly Field[]): Shell;
  /** Runs a text as a script; returns what it prints. */
  source(script: string, input?: Field[]): Field[];
  /** Runs a command: a function of the line, or a program. */
  run(argv: readonly Field[], input?: Field[]): Field[];
  /** The contents of files. */
  read(paths: readonly Field[]): Field[];
  /** Notes what files hold from now on. */
  write(paths: readonly Field[], contents: Field): void;
}

/** Runs a program or builtin; returns what it prints. */
export type Run = (shell: Shell, args: readonly Field[], input: Field[] | undefined) => Field[];

/** What a shell knows of its surroundings. */
export interface Surroundings {
  /** The directory that it starts in. */
  cwd: string;
  variables: Record<string, string>;
  /** The text of a file of process ids; `undefined` if it can't be read. */
  readFile: (path: string) => string | undefined;
}
