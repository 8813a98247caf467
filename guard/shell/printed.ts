import { type Field, text, textsOf, UNKNOWN } from "./field.ts";

/** What `printf` prints: its format once for each word, where it takes one. */
export function printed([format, ...words]: readonly Field[]): Field[] {
  if (format?.kind !== "text") return [UNKNOWN];
  const source = unescaped(format.text);
  const count = source.match(/%[sdiq]/g)?.length ?? 0;
  if (count === 0) return [text(source.replaceAll("%%", "%"))];
  if (words.some(({ kind }) => kind !== "text")) return count === 1 ? words : [UNKNOWN];
  if (count > 1 && words.length !== count) return [UNKNOWN];
  const values = textsOf(words);
  const fill = (from: number) => {
    let i = from;
    return source.replace(/%[sdiq]/g, () => values[i++] ?? "");
  };
  return [text(count > 1 ? fill(0) : values.map((_, i) => fill(i)).join(""))];
}

/** What `echo` prints: one line, or what is known of it. */
export function echoed(args: readonly Field[]): Field[] {
  const words = args
    .filter((field) => field.kind !== "text" || !/^-[neE]+$/.test(field.text))
    .map((field) => (field.kind === "text" ? text(unescaped(field.text)) : field));
  const isText = words.every(({ kind }) => kind === "text");
  return isText ? [text(textsOf(words).join(" "))] : words;
}

const unescaped = (word: string) => word.replace(/\\[nt]/g, "\n");
