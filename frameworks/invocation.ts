import type { Reader } from "./reader.ts";

/** A command line as it is unwrapped: `npm run dev`, then the `vite` that its script runs. */
export interface Invocation {
  /** The program and its arguments. Those that an outer command passes on come last. */
  words: readonly string[];
  cwd: string;
  /** Variables set before the program: `FOO=1`, `env FOO=1`. */
  variables: ReadonlyMap<string, string>;
  /** One `--` for each runner that would otherwise consume appended arguments. */
  separators: readonly "--"[];
  /** The scripts unwrapped so far, outermost first. */
  scripts: readonly Script[];
  /** Arguments that a runner consumes instead of passing them on. */
  kept?: { by: string; words: readonly string[] };
  /** An outer runner drops a `--`. */
  dropsDashes?: true;
  /** Appended arguments may not reach the program. */
  uncertain?: true;
  /** The script that the last one runs again, which makes a circle. */
  circle?: Script;
}

export interface Script {
  name: string;
  line: string;
  /** The directory of its package.json. */
  directory: string;
}

/** Unwraps one layer. Returns the same call if there is none, `undefined` if it can't be determined. */
export type Peel = (call: Invocation, reader: Reader) => Invocation | undefined;

/** The same call with other words. */
export const withWords = (call: Invocation, words: readonly string[]): Invocation => ({
  ...call,
  words,
});

/** The index of the first word from `from` on that isn't a flag or the value of a flag in `valued`. */
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

/** The last value of these flags. */
export const valueOf = (words: readonly string[], ...flags: string[]): string | undefined =>
  valuesOf(words, ...flags).at(-1);
