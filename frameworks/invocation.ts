import type { Reader } from "./reader.ts";

/** A command line on its way inward: `npm run dev`, then `vite` of the script that it runs. */
export interface Invocation {
  /** The program and all words that reach it, those of outer calls last. */
  words: readonly string[];
  cwd: string;
  /** What is set in front of the program: `FOO=1`, `env FOO=1`. */
  variables: ReadonlyMap<string, string>;
  /** A `--` for each runner that would otherwise keep appended words for itself. */
  separators: readonly "--"[];
  /** The scripts that lead here, the outermost first. */
  scripts: readonly Script[];
  /** Words that a runner takes as its own instead of passing them on. */
  kept?: { by: string; words: readonly string[] };
  /** A runner on the way drops a `--`. */
  dropsDashes?: true;
  /** Appended words may fail to arrive. */
  uncertain?: true;
}

export interface Script {
  name: string;
  line: string;
  /** Directory of its package.json. */
  directory: string;
}

/** What is inside a call, one layer deeper: the same if nothing is, undefined if it can't be told. */
export type Peel = (call: Invocation, reader: Reader) => Invocation | undefined;

/** The same call, of other words. */
export const withWords = (call: Invocation, words: readonly string[]): Invocation => ({
  ...call,
  words,
});

/** Index of the first word from `from` that is neither a flag nor the value of one in `valued`. */
export function operandAt(words: readonly string[], from: number, valued: string[] = []): number {
  let at = from;
  while (at < words.length && words[at]?.startsWith("-")) {
    if (words[at] === "--") return at + 1;
    at += valued.includes(words[at] ?? "") ? 2 : 1;
  }
  return Math.min(at, words.length);
}

/** The values of these flags in `words`, as `--flag VALUE` or `--flag=VALUE`. */
export function valuesOf(words: readonly string[], ...flags: string[]): string[] {
  return words.flatMap((word, i) => {
    if (flags.includes(word)) return [words[i + 1] ?? ""];
    const flag = flags.find((one) => word.startsWith(`${one}=`));
    return flag === undefined ? [] : [word.slice(flag.length + 1)];
  });
}

/** The last of them. */
export const valueOf = (words: readonly string[], ...flags: string[]): string | undefined =>
  valuesOf(words, ...flags).at(-1);
