import { parse, stringify, TomlError } from "smol-toml";
import type { Data, Spot, Syntax } from "./format.ts";
import { entryIn, isObject, Malformed, merged, NAME, newlineOf } from "./format.ts";

/** TOML. smol-toml can't edit, but it tells where a statement ends: as soon as its lines parse. */
export const toml: Syntax = {
  parse(text) {
    try {
      const data = read(text);
      return Object.keys(data).length === 0 ? undefined : data;
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const [first = ""] = error.message.replace("Invalid TOML document: ", "").split("\n");
      throw new Malformed(first, error.line);
    }
  },
  write: stringify,
  add: append,
  update(text, spot, path, value) {
    const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    const entry = merged(entryIn(read(text), spot) ?? {}, nested as Data);
    const edited = setInPlace(text, [spot.key, NAME], path, value);
    return holds(edited, spot, entry) ? edited : append(toml.remove(text, spot), spot, entry);
  },
  remove(text, { key }) {
    const kept: Statement[] = [];
    let end: number | undefined;
    for (const one of statementsOf(text)) {
      if (one.path[0] !== key || one.path[1] !== NAME) {
        kept.push(one);
        if (one.path.length > 0) end = undefined;
        continue;
      }
      // Removes everything between the server's statements too, and a blank line above them.
      if (end !== undefined) kept.length = end;
      else if (kept.at(-1)?.text.trim() === "") kept.pop();
      end = kept.length;
    }
    return join(kept);
  },
};

const read = (text: string): Data => parse(text, { integersAsBigInt: "asNeeded" });

function tryRead(text: string): Data | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

function holds(text: string, spot: Spot, entry: Data): boolean {
  try {
    return Bun.deepEquals(entryIn(read(text), spot), entry);
  } catch {
    return false;
  }
}

const write = (like: string, data: Data) => stringify(data).replaceAll("\n", newlineOf(like));

/** The text with the server's table at its end, below a blank line. */
function append(text: string, { key }: Spot, entry: Data): string {
  const newline = newlineOf(text);
  const gap = text === "" ? "" : text.endsWith("\n") ? newline : newline + newline;
  return text + gap + write(text, { [key]: { [NAME]: entry } });
}

interface Statement {
  /** Its lines. A blank line and a comment's are statements of their own, with no path. */
  text: string;
  path: string[];
  isPair: boolean;
}

function statementsOf(text: string): Statement[] {
  const found: Statement[] = [];
  let table: string[] = [];
  let lines = "";
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    lines += line;
    const data = tryRead(lines);
    if (data === undefined) continue;
    const path = keysOf(data);
    const isPair = path.length > 0 && !lines.trimStart().startsWith("[");
    if (path.length > 0 && !isPair) table = path;
    found.push({ text: lines, path: isPair ? [...table, ...path] : path, isPair });
    lines = "";
  }
  return found;
}

const join = (all: readonly Statement[]) => all.map(({ text }) => text).join("");

/** The keys that a statement names, the outermost first. */
function keysOf(data: unknown): string[] {
  const inner = Array.isArray(data) ? data[0] : data;
  const [first, ...others] = isObject(inner) ? Object.entries(inner) : [];
  return first === undefined || others.length > 0 ? [] : [first[0], ...keysOf(first[1])];
}

/** The text with one value of the server's table, if it has a line for that or a header. */
function setInPlace(text: string, table: string[], path: string[], value: unknown): string {
  const all = statementsOf(text);
  const find = (isPair: boolean, wanted: string[]) =>
    all.find((one) => one.isPair === isPair && Bun.deepEquals(one.path, [...table, ...wanted]));
  const pair = find(true, path);
  if (pair) {
    pair.text = withValue(pair.text, value);
    return join(all);
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const header = find(false, path.slice(0, depth));
    if (header === undefined) continue;
    const above = all.findLast((one) => one.isPair && isIn(one.path, header.path)) ?? header;
    const [key = "", ...outer] = path.slice(depth).toReversed();
    const prefix = outer.toReversed().map((name) => `${name}.`);
    const newline = above.text.endsWith("\n") ? "" : newlineOf(text);
    above.text += newline + prefix.join("") + write(text, { [key]: value });
    break;
  }
  return join(all);
}

const isIn = (path: string[], table: string[]) =>
  path.length === table.length + 1 && table.every((key, index) => path[index] === key);

/** A pair with another value; the comment behind it stays. */
function withValue(text: string, value: unknown): string {
  const data = read(text);
  const ends = [...text.matchAll(/[ \t]*(#|\r?\n|$)/g)].map(({ index }) => index);
  const end = ends.find((at) => Bun.deepEquals(tryRead(text.slice(0, at)), data));
  const shown = stringify({ value }).slice("value =".length).trimEnd();
  return text.slice(0, text.indexOf("=") + 1) + shown + text.slice(end);
}
