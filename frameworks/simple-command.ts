/** A call of one program, before the shell expands anything. */
export interface SimpleCommand {
  /** `FOO=1` before the program's name. */
  assignments: [name: string, value: string][];
  words: string[];
}

/** Operators, substitutions and newlines: a line that contains one isn't a simple command. */
const OPERATORS = "&|;<>()\n\r`";
const RESERVED = ["!", "{", "if", "for", "while", "until", "case", "function", "[[", "select"];

/**
 * Splits a shell command line into words and removes the quotes. Variables aren't expanded. Returns
 * `undefined` if the line isn't a single simple command.
 */
export function parseSimpleCommand(line: string): SimpleCommand | undefined {
  const words = splitWords(line);
  if (words === undefined) return undefined;
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const program = words[start];
  if (program === undefined || RESERVED.includes(program)) return undefined;
  const assignments = words.slice(0, start).map((word): [string, string] => {
    const equals = word.indexOf("=");
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
  return { assignments, words: words.slice(start) };
}

function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    const isSubstitution = char === "`" || (char === "$" && line[i + 1] === "(");
    if (quote !== "'" && isSubstitution) return undefined;
    if (char === quote) {
      quote = "";
    } else if (quote !== "'" && char === "\\") {
      const next = line[++i];
      if (next === undefined || next === "\n") return undefined;
      const keepsBackslash = quote === '"' && !'"\\$`'.includes(next);
      word = (word ?? "") + (keepsBackslash ? char : "") + next;
    } else if (quote !== "") {
      word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OPERATORS.includes(char) || (char === "#" && word === undefined)) {
      return undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
