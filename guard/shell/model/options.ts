import type { Field } from "./field.ts";

export interface Options {
  /** Values by option, without dashes; "" for an option without one. */
  values: Map<string, string[]>;
  rest: Field[];
}

/**
 * Reads options as getopt(3) does. `valued`: the short options that take a value, as letters, and the
 * long ones, as words. Options may stand behind operands unless `strict`.
 */
export function readOptions(
  args: readonly Field[],
  valued: { short?: string; long?: string },
  strict = false,
): Options {
  const values = new Map<string, string[]>();
  const rest: Field[] = [];
  const add = (name: string, value = "") => values.set(name, [...(values.get(name) ?? []), value]);
  const long = ` ${valued.long ?? ""} `;
  for (let i = 0; i < args.length; i++) {
    const field = args[i] as Field;
    const word = field.kind === "text" ? field.text : "";
    const next = () => {
      const value = args[++i];
      return value?.kind === "text" ? value.text : "";
    };
    if (word === "--") return { values, rest: [...rest, ...args.slice(i + 1)] };
    if (word.startsWith("--")) {
      const [name = "", value] = splitOnce(word.slice(2), "=");
      if (value !== undefined) add(name, value);
      else add(name, long.includes(` ${name} `) ? next() : "");
    } else if (word.startsWith("-") && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? "";
        if (!valued.short?.includes(letter)) {
          add(letter);
          continue;
        }
        const value = word.slice(at + 1);
        add(letter, value === "" ? next() : value);
        break;
      }
    } else {
      if (strict) return { values, rest: [...rest, ...args.slice(i)] };
      rest.push(field);
    }
  }
  return { values, rest };
}

function splitOnce(text: string, at: string): [string, string?] {
  const found = text.indexOf(at);
  return found < 0 ? [text] : [text.slice(0, found), text.slice(found + 1)];
}

/** Leaves out options and their values, and a "--". */
export function skipOptions(args: readonly Field[], valued: string): Field[] {
  const takesValue = ` ${valued} `;
  let i = 0;
  for (; i < args.length; i++) {
    const field = args[i];
    const word = field?.kind === "text" ? field.text : "";
    if (word === "--") return args.slice(i + 1);
    if (!word.startsWith("-")) break;
    if (takesValue.includes(` ${word} `)) i++;
  }
  return args.slice(i);
}
