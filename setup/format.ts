/** How an agent starts the server from any directory. */
export interface Server {
  command: string;
  args: string[];
  /** Variables that it must get: agents don't hand on those of the terminal. */
  env?: Record<string, string>;
}

/** The name that the server goes by in every agent's file. */
export const NAME = "portclaim";

/** A kind of file that agents keep their servers in. Text goes in and comes out, comments and all. */
export interface Format {
  /** The file as data; an empty one is empty data. Throws Malformed. */
  parse(text: string): unknown;
  /** The server that a file has; `undefined` if it has none. Throws Malformed. */
  find(data: unknown): Server | undefined;
  /** The data with the server in it: what the text must mean once it is edited. */
  put(data: unknown, server: Server): unknown;
  /** The data without it. */
  drop(data: unknown): unknown;
  /** The text with the server in it, the rest of it untouched. */
  add(text: string, server: Server): string;
  /** The text without it. */
  remove(text: string): string;
  /** A file that holds nothing but the server. */
  whole(server: Server): string;
}

/** A file that can't be understood, or not edited without a risk to what else it holds. */
export class Malformed extends Error {
  override name = "Malformed";
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

export type Data = Record<string, unknown>;

/** The object under a key of a file's data, empty if there is none. Throws Malformed. */
export function objectAt(data: unknown, key?: string): Data {
  const value = key === undefined ? data : ((data as Data)[key] ?? {});
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Data;
  throw new Malformed(`${key ?? "what it holds"} is not an object`);
}

/** The server in an agent's own entry for it; what else the entry holds is the user's. */
export function serverIn(entry: unknown): Server | undefined {
  if (entry === undefined) return undefined;
  const { command, args, env } = (entry ?? {}) as Partial<Server>;
  return {
    command: typeof command === "string" ? command : "",
    args: Array.isArray(args) ? args.map(String) : [],
    ...(env && { env }),
  };
}

/** Whether a server is set up as wanted; variables besides are the user's. */
export function isAsWanted(found: Server, { command, args, env = {} }: Server): boolean {
  const variables = Object.entries(env).every(([name, value]) => found.env?.[name] === value);
  return variables && found.command === command && Bun.deepEquals(found.args, args);
}

/** What of an entry is ours: each value with its path. */
export function valuesOf({ command, args, env = {} }: Server): [path: string[], value: unknown][] {
  const variables = Object.entries(env).map(([name, value]): [string[], unknown] => {
    return [["env", name], value];
  });
  return [[["command"], command], [["args"], args], ...variables];
}

/** An entry with what is ours changed in it. */
export function updated(entry: Data, server: Server): Data {
  const env = { ...(entry["env"] as Data | undefined), ...server.env };
  return { ...entry, ...server, ...(Object.keys(env).length > 0 && { env }) };
}

/** The parts of a format whose data keeps servers by name under one key. */
export function keyedBy(key: string, extra: Data = {}): Pick<Format, "find" | "put" | "drop"> {
  return {
    find: (data) => serverIn(objectAt(objectAt(data), key)[NAME]),
    put(data, server) {
      const servers = objectAt(data, key);
      const old = servers[NAME] as Data | undefined;
      const entry = old ? updated(old, server) : { ...extra, ...server };
      return { ...objectAt(data), [key]: { ...servers, [NAME]: entry } };
    },
    drop(data) {
      const { [NAME]: _, ...servers } = objectAt(data, key);
      return { ...objectAt(data), [key]: servers };
    },
  };
}
