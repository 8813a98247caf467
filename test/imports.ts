import { posix } from "node:path";

/** A source file; its path is relative to the project, with `/`. */
export interface Source {
  path: string;
  text: string;
}

/** One import of a file: what it names, where that leads, and how it is loaded. */
export interface Import {
  from: string;
  /** What the import says; `undefined` if it is computed. */
  specifier: string | undefined;
  /** The project's file, for a relative import. */
  file: string | undefined;
  how: "static" | "type" | "dynamic";
}

// In this order: comments, the three kinds of strings, and regular expressions, which may hold
// quotes. A slash begins one of those only where an operand may stand.
const NOT_CODE = new RegExp(
  [
    /\/\/.*|\/\*[\s\S]*?\*\//,
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/,
    /(?<=(?:[(,=:[!&|?{};>]|\breturn)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** The text with comments and strings blanked; every character keeps its place. */
export function codeOf(text: string): string {
  return text.replace(NOT_CODE, (match) => {
    const blank = match.slice(1, -1).replace(/[^\n]/g, " ");
    return /^["'`]/.test(match) ? `${match[0]}${blank}${match.at(-1)}` : ` ${blank} `;
  });
}

// A statement names its file after `from`, or at once. A call that doesn't begin with a plain
// string is computed.
const STATEMENT =
  /\b(?:import|export)\b\s*(type\b(?!\s*(?:from\b|,)))?[\w$*{},\s]*?(?<=\bfrom\s*|\bimport\s*)(["'])/g;
const CALL = /(?<![.\w$])(?:import|require)\s*\(\s*(["']?)/g;

/** All imports of a source file, `import type`, `export … from` and `import()` included. */
export function importsOf({ path, text }: Source): Import[] {
  const code = codeOf(text);
  const found = (how: Import["how"], quote: string, end: number): Import => {
    const specifier = quote ? text.slice(end, code.indexOf(quote, end)) : undefined;
    const relative = specifier?.startsWith(".") ?? false;
    const file = relative ? posix.join(posix.dirname(path), specifier ?? "") : undefined;
    return { from: path, specifier, file, how };
  };
  return [
    ...[...code.matchAll(STATEMENT)].map((match) =>
      found(match[1] ? "type" : "static", match[2] ?? "", match.index + match[0].length),
    ),
    ...[...code.matchAll(CALL)].map((match) =>
      found("dynamic", match[1] ?? "", match.index + match[0].length),
    ),
  ];
}
