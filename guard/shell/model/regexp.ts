/** The flavours of regular expressions that grep, pgrep and awk read. */
export type Flavour = "basic" | "extended" | "fixed";

const CLASSES: Record<string, string> = {
  digit: "0-9",
  alpha: "A-Za-z",
  alnum: "A-Za-z0-9",
  lower: "a-z",
  upper: "A-Z",
  space: "\\s",
  blank: " \\t",
  xdigit: "0-9A-Fa-f",
  punct: "!-\\/:-@\\[-`{-~",
};

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** In a basic expression (re_format(7)) these are literal, and special behind a backslash. */
const swapBackslashes = (text: string) =>
  text.replace(/\\([+?|(){}])|([+?|(){}])/g, (_all, special: string, literal: string) =>
    special === undefined ? `\\${literal}` : special,
  );

/** A pattern of a shell command; `undefined` if JavaScript can't read it the same way. */
export function toRegExp(
  pattern: string,
  flavour: Flavour,
  { ignoreCase = false, exact = false, isWord = false, isLine = false } = {},
): RegExp | undefined {
  let source = pattern;
  if (flavour === "fixed") source = pattern.split("\n").map(escape).join("|");
  // Brackets that hold "]" or "\", and what only Perl has, mean something else there.
  else if (/\[\^?\]|\[[^\]]*\\|\\[KAZz]|\(\?[^:=!<]/.test(pattern)) return undefined;
  else {
    source = source.replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all);
    if (source.includes("[:")) return undefined;
    if (flavour === "basic") source = swapBackslashes(source);
    source = source
      .replace(/\\[<>]/g, "\\b")
      .replace(/^\*/, "\\*")
      .replaceAll("\n", "|");
  }
  if (isWord) source = `\\b(?:${source})\\b`;
  try {
    return new RegExp(exact || isLine ? `^(?:${source})$` : source, ignoreCase ? "i" : "");
  } catch {
    return undefined;
  }
}
