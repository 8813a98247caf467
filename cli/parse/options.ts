/** One option of a command: parsing, help, completions and documentation all follow from it. */
export interface Option {
  type: "text" | "port" | "pid" | "count" | "duration" | "flag" | "choice";
  /** One sentence: what it does. */
  summary: string;
  /** What stands for its value in help: NAME. */
  value?: string;
  choices?: readonly string[];
  /** One letter that stands for it. */
  short?: string;
  /** It may be given several times. */
  multiple?: true;
  /** It may be given as a plain word: digits where it is a port, else any word. */
  plain?: true;
  /** It is only given as a plain word, never as a flag. */
  onlyPlain?: true;
}

export type Options = Record<string, Option>;

/** What a command declares, as far as parsing needs it. */
export interface Declared {
  name: string;
  options: Options;
  /** What follows `--`, if the command takes that. */
  rest?: string;
  /** Whether it prints nothing that could be JSON. */
  onlyText?: true;
}

type Value<O extends Option> = O["type"] extends "flag"
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : O["type"] extends "port" | "pid" | "count" | "duration"
      ? number | undefined
      : O extends { choices: readonly (infer Choice)[] }
        ? Choice | undefined
        : string | undefined;

/** The values of options, typed by their declaration: a name that isn't declared doesn't compile. */
export type Values<O extends Options> = { [Name in keyof O]: Value<O[Name]> };

/** The options that every command has. */
export const COMMON = {
  json: { type: "flag", summary: "Print JSON." },
  text: { type: "flag", summary: "Print text even if the output isn't a terminal." },
  help: { type: "flag", summary: "Show this help.", short: "h" },
} as const satisfies Options;

/** The common options that make sense for a command. */
export const commonOptions = ({ onlyText }: Declared): Options =>
  onlyText ? { help: COMMON.help } : COMMON;
