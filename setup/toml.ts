import { parse, TomlError } from "smol-toml";
import {
  type Data,
  type Format,
  keyedBy,
  Malformed,
  NAME,
  type Server,
  valuesOf,
} from "./format.ts";
import { type Statement, statementsOf } from "./toml-statements.ts";

const KEY = "mcp_servers";
const OURS = [KEY, NAME];

/** TOML, servers by name under `mcp_servers`. */
export const toml: Format = {
  ...keyedBy(KEY),
  whole,
  parse(text) {
    try {
      return { [KEY]: {}, ...parse(text.replace("\ufeff", ""), { integersAsBigInt: "asNeeded" }) };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const [first = ""] = error.message.split("\n");
      throw new Malformed(first.replace("Invalid TOML document: ", ""), error.line);
    }
  },
  add(text, server) {
    if (placed(text).some(isOurs)) {
      const after = valuesOf(server).reduce<string | undefined>(
        (now, [path, value]) => now && set(now, path, value),
        text,
      );
      if (after !== undefined) return after;
    }
    const rest = this.remove(text);
    if (rest.trim() === "") return newlines(text, whole(server));
    const apart = /\n\s*\n$/.test(rest) ? "" : rest.endsWith("\n") ? "\n" : "\n\n";
    return rest + newlines(text, apart + whole(server));
  },
  remove(text) {
    return ranges(text).reduceRight(
      (rest, [from, to]) => rest.slice(0, from) + rest.slice(to),
      text,
    );
  },
};

/** A value as TOML writes it; its basic strings are those of JSON. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, one]) => `${name} = ${show(one)}`);
  return `{ ${pairs.join(", ")} }`;
}

function whole({ env, ...server }: Server): string {
  const table = (path: string[], values: object) => [
    `[${path.join(".")}]\n`,
    ...Object.entries(values).map(([key, one]) => `${key} = ${show(one)}\n`),
  ];
  const variables = env ? ["\n", ...table([...OURS, "env"], env)] : [];
  return [...table(OURS, server), ...variables].join("");
}

function newlines(like: string, text: string): string {
  return like.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}

/** A dotted name as its parts, as the parser itself reads it. */
function pathOf(name: string): string[] {
  const path: string[] = [];
  for (let data: unknown = parse(`${name} = 0`); typeof data === "object";) {
    const [[key, value]] = Object.entries(data as Data) as [[string, unknown]];
    path.push(key);
    data = value;
  }
  return path;
}

interface Placed extends Statement {
  path: string[];
}

/** Every statement with the whole path of what it sets. */
function placed(text: string): Placed[] {
  let table: string[] = [];
  return statementsOf(text).map((statement) => {
    const path = pathOf(statement.name);
    if (statement.kind === "pair") return { ...statement, path: [...table, ...path] };
    table = path;
    return { ...statement, path };
  });
}

const isOurs = ({ path }: Placed) => OURS.every((part, index) => path[index] === part);

/** The text with one value of ours set; `undefined` where there is no table to put it into. */
function set(text: string, path: string[], value: unknown): string | undefined {
  const all = placed(text);
  const find = (kind: Statement["kind"], wanted: string[]) =>
    all.find((one) => one.kind === kind && Bun.deepEquals(one.path, [...OURS, ...wanted]));
  const pair = find("pair", path);
  if (pair) return text.slice(0, pair.value) + show(value) + text.slice(pair.end);
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const header = find("table", path.slice(0, depth));
    if (header === undefined) continue;
    const [name, ...rest] = path.slice(depth);
    const nested = rest.reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
    const at = lineEnd(text, header.end);
    const line = newlines(text, `${at === text.length ? "\n" : ""}${name} = ${show(nested)}\n`);
    return text.slice(0, at) + line + text.slice(at);
  }
  return undefined;
}

/** Where the line after an offset starts. */
function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  return newline < 0 ? text.length : newline + 1;
}

/** The lines of what is ours, with the blank ones above: `[from, to]` for each run of them. */
function ranges(text: string): [number, number][] {
  const found: [number, number][] = [];
  let last = false;
  for (const statement of placed(text)) {
    const to = lineEnd(text, statement.end);
    const run = found.at(-1);
    if (isOurs(statement) && last && run) run[1] = to;
    else if (isOurs(statement)) found.push([blankAbove(text, statement.start), to]);
    last = isOurs(statement);
  }
  return found;
}

function blankAbove(text: string, start: number): number {
  const line = text.lastIndexOf("\n", start - 1) + 1;
  const above = text.slice(0, line).trimEnd();
  const next = text.indexOf("\n", above.length);
  return above === "" || next < 0 ? line : next + 1;
}
