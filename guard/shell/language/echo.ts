import { type Field, text, textsOf, UNKNOWN } from "../model/field.ts";

/** What `printf` prints: its format once for each word, where it takes one. */
export function printf([format, ...words]: readonly Field[]): Field[] {
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
export function echo(args: readonly Field[]): Field[] {
  const words = args
    .filter((field) => field.kind !== "text" || !/^-[neE]+$/.test(field.text))
    .map((field) => (field.kind === "text" ? text(unescaped(field.text)) : field));
  const isText = words.every(({ kind }) => kind === "text");
  return isText ? [text(textsOf(words).join(" "))] : words;
}

const unescaped = (word: string) => word.replace(/\\[nt]/g, "\n");

/** What `seq` prints. */
export function seq(args: readonly Field[]): Field[] {
  const numbers = args.map((field) => (field.kind === "text" ? Number(field.text) : Number.NaN));
  const [first = Number.NaN, second = first, third] = numbers;
  const from = numbers.length === 1 ? 1 : first;
  const [step, to] =
    third === undefined ? [1, numbers.length === 1 ? first : second] : [second, third];
  if (!(step > 0) || !(to >= from) || to - from > 1000 * step) return [UNKNOWN];
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, i) => text(String(from + i * step)));
}
