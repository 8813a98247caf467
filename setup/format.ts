/** How an agent starts the MCP server. */
export interface Server {
  command: string;
  args: string[];
  /** Variables for the server, as agents don't pass on the terminal's environment. */
  env?: Record<string, string>;
}

/** The name of the server in every agent's file. */
export const NAME = "portclaim";

export type Data = Record<string, unknown>;

/** Where an agent keeps its servers: in an object by name, or in a list of named items. */
export interface Spot {
  key: string;
  isList?: boolean;
}

/** A language of configuration files. An edit leaves the rest of the text as it is. */
export interface Syntax {
  /** The file as data, `undefined` if it holds only blanks and comments. Throws Malformed. */
  parse(text: string): unknown;
  write(data: Data): string;
  /** Adds the server's entry. */
  add(text: string, spot: Spot, entry: Data): string;
  /** Sets one value of the server's entry. */
  update(text: string, spot: Spot, path: string[], value: unknown): string;
  remove(text: string, spot: Spot): string;
}

/** How an agent's file holds its servers. */
export interface Format extends Spot {
  syntax: Syntax;
  /** The server's command in the agent's notation. `old` is the existing entry. */
  start(server: Server, old?: Data): Data;
  /** Other values in a new entry, which the user may change. */
  defaults?: Data;
  /** Other values in a new file. */
  head?: Data;
}

/** A file that is invalid, or can't be edited without changing something else. */
export class Malformed extends Error {
  override name = "Malformed";
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

export const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A file's servers by name, and the rest of the file. Throws Malformed. */
function split(
  data: unknown,
  { key, isList }: Spot,
): { servers: [unknown, unknown][]; rest: Data } {
  if (!isObject(data)) throw new Malformed("expected an object");
  const { [key]: servers, ...rest } = data;
  if (servers === undefined || servers === null) return { servers: [], rest };
  if (isList ? !Array.isArray(servers) : !isObject(servers)) {
    throw new Malformed(`expected "${key}" to be ${isList ? "a list" : "an object"}`);
  }
  if (!Array.isArray(servers)) return { servers: Object.entries(servers), rest };
  return { servers: servers.map((one) => [isObject(one) ? one["name"] : undefined, one]), rest };
}

/** The server's entry in a file; `undefined` if there is none. Throws Malformed. */
export function entryIn(data: unknown, spot: Spot): Data | undefined {
  const found = split(data, spot).servers.find(([name]) => name === NAME);
  if (found === undefined) return undefined;
  if (isObject(found[1])) return found[1];
  throw new Malformed(`expected "${NAME}" to be an object`);
}

/** Everything in a file except the server's entry. */
export function othersIn(data: unknown, spot: Spot): unknown {
  const { servers, rest } = split(data, spot);
  return { rest, servers: servers.filter(([name]) => name !== NAME) };
}

/** The values of `wanted` that are missing or different in `found`, each with its path. */
export function differences(found: Data, wanted: Data): [path: string[], value: unknown][] {
  return Object.entries(wanted).flatMap(([key, value]): [string[], unknown][] => {
    const old = found[key];
    if (Bun.deepEquals(old, value)) return [];
    if (!isObject(value)) return [[[key], value]];
    const inner = differences(isObject(old) ? old : {}, value);
    return inner.map(([path, one]) => [[key, ...path], one]);
  });
}

/** Deeply merges one object into another. */
export function merged(old: Data, wanted: Data): Data {
  const pairs = Object.entries(wanted).map(([key, value]) => {
    const before = old[key];
    return [key, isObject(before) && isObject(value) ? merged(before, value) : value];
  });
  return { ...old, ...Object.fromEntries(pairs) };
}

export const newlineOf = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");
/** Where the line of an offset starts. */
export const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;
/** Where the line of an offset ends, before its newline. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}
