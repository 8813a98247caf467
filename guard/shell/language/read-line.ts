import { type Field, linesOf, someOf, split, textsOf, UNKNOWN } from "../model/field.ts";
import type { Shell } from "../model/shell.ts";

type Setter = Pick<Shell, "set">;

/** Options of `read` that take a value. */
const VALUED = /^-\w*[dinNptu]$/;

/** The names behind the options of `read`. */
function namesOf(args: readonly Field[]): { names: string[]; isPlain: boolean } {
  const words = textsOf(args);
  const names: string[] = [];
  let isPlain = words.length === args.length;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-")) names.push(word);
    else {
      isPlain &&= !/[adnN]/.test(word);
      if (VALUED.test(word)) i++;
    }
  }
  return { names, isPlain };
}

/** Gives variables the words of one line; of a line with an id, the one of the id's column is known. */
export function readLine(shell: Setter, args: readonly Field[], line: Field): void {
  const { names, isPlain } = namesOf(args);
  const words = split([line]);
  const known = (i: number): Field[] => {
    if (line.kind === "pids" && names.length === 1) return [line];
    if (line.kind === "pids") {
      return i === (line.column ?? 1) - 1 ? [{ ...line, line: "id", column: 1 }] : [UNKNOWN];
    }
    if (line.kind !== "text") return [UNKNOWN];
    if (i < names.length - 1) return words.slice(i, i + 1);
    const rest = textsOf(words.slice(i)).join(" ");
    return [{ kind: "text", text: rest }];
  };
  for (const [i, name] of names.entries()) shell.set(name, isPlain ? known(i) : [UNKNOWN]);
}

/** `read` takes the first line. */
export function read(shell: Setter, args: readonly Field[], input: readonly Field[] = []): Field[] {
  const [first = UNKNOWN] = linesOf(input);
  readLine(shell, args, first.kind === "pids" ? someOf(first) : first);
  return [];
}
