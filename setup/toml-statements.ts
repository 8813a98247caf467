/** One statement of a TOML file: a table's header, or a key with its value. */
export interface Statement {
  kind: "table" | "list" | "pair";
  /** What names it: between the brackets, or before the "=". */
  name: string;
  start: number;
  /** Where a pair's value begins; the end of a header. */
  value: number;
  /** Behind its last character; a comment on its line is not part of it. */
  end: number;
}

/**
 * The statements of a TOML file, by https://toml.io/en/v1.0.0. The text must have been parsed
 * before: what isn't TOML is found by the parser, not here.
 */
export function statementsOf(text: string): Statement[] {
  const found: Statement[] = [];
  for (let at = skip(text, 0, /(?:[\s\ufeff]|#[^\n]*)*/y); at < text.length;) {
    const statement = text[at] === "[" ? readHeader(text, at) : readPair(text, at);
    found.push(statement);
    at = skip(text, statement.end, /(?:[\s]|#[^\n]*)*/y);
  }
  return found;
}

function readHeader(text: string, start: number): Statement {
  const width = text[start + 1] === "[" ? 2 : 1;
  const close = findOutside(text, start + width, "]");
  const name = text.slice(start + width, close);
  const end = close + width;
  return { kind: width === 2 ? "list" : "table", name, start, value: end, end };
}

function readPair(text: string, start: number): Statement {
  const equals = findOutside(text, start, "=");
  const value = skip(text, equals + 1, /[ \t]*/y);
  const name = text.slice(start, equals);
  return { kind: "pair", name, start, value, end: endOfValue(text, value) };
}

const STRING = /"""(?:\\[^]|[^\\])*?"""+|'''[^]*?'''+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y;

/** Where a character first stands outside of a quoted key. */
function findOutside(text: string, from: number, wanted: string): number {
  for (let at = from; at < text.length;) {
    if (text[at] === wanted) return at;
    const quoted = skip(text, at, STRING);
    at = quoted > at ? quoted : at + 1;
  }
  return text.length;
}

function endOfValue(text: string, from: number): number {
  let depth = 0;
  let end = from;
  for (let at = from; at < text.length;) {
    const char = text[at] ?? "";
    if (depth === 0 && (char === "\n" || char === "#")) break;
    if (char === "#") {
      at = skip(text, at, /[^\n]*/y);
      continue;
    }
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    const quoted = skip(text, at, STRING);
    at = quoted > at ? quoted : at + 1;
    if (char.trim() !== "") end = at;
  }
  return end;
}

/** Where a sticky pattern that may match nothing ends. */
function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
