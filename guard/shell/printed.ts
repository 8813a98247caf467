import { type Field, text, textsOf } from "./field.ts";

/** The words that `printf` prints. */
export function printed(args: readonly Field[]): Field[] {
  return args.map((field) => (field.kind === "text" ? text(unescaped(field.text)) : field));
}

/** What `echo` prints: one line, or what is known of it. */
export function echoed(args: readonly Field[]): Field[] {
  const words = printed(
    args.filter((field) => field.kind !== "text" || !/^-[neE]+$/.test(field.text)),
  );
  const isText = words.every(({ kind }) => kind === "text");
  return isText ? [text(textsOf(words).join(" "))] : words;
}

const unescaped = (word: string) => word.replace(/\\[nt]/g, "\n");
