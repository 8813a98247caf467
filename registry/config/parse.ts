import { parse, TomlError } from "smol-toml";
import { isPort, type Lease } from "../model/claim.ts";
import { parseDuration } from "../model/duration.ts";
import { RegistryError } from "../model/errors.ts";
import { type Config, DEFAULTS, parseRange, type Range } from "./config.ts";

type Table = Record<string, unknown>;

/** Parses config.toml. `path` is for error messages. Throws a RegistryError ("config"). */
export function parseConfig(source: string, path: string): Config {
  const text = source.replace(/^\uFEFF/, "");
  try {
    return new ConfigParser(text, path).read(parse(text) as Table);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what =
      error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "invalid TOML";
    throw new RegistryError(`${path}:${error.line}: ${what}`, {
      code: "config",
      path,
      line: error.line,
    });
  }
}

/** Checks values by key, so that every error can give the key and its line. */
class ConfigParser {
  constructor(
    readonly text: string,
    readonly path: string,
  ) {}

  read(root: Table): Config {
    this.#known(root, [], ["pool", "reap", "projects", "services"]);
    const pool = this.#table(root, ["pool"], ["range", "exclude"]);
    const reap = this.#table(root, ["reap"], ["grace"]);
    const exclude = this.#ports(pool["exclude"], ["pool", "exclude"]);
    return {
      range: this.#range(pool["range"], ["pool", "range"]) ?? DEFAULTS.range,
      exclude: new Set([...DEFAULTS.exclude, ...exclude]),
      grace: this.#duration(reap["grace"], ["reap", "grace"]) ?? DEFAULTS.grace,
      projects: this.#each(root, "projects", ["prefer", "range"], (table, key) => ({
        ...optional("prefer", this.#port(table["prefer"], [...key, "prefer"])),
        ...optional("range", this.#range(table["range"], [...key, "range"])),
      })),
      services: this.#each(root, "services", ["port", "lease"], (table, key) => ({
        ...optional("port", this.#port(table["port"], [...key, "port"])),
        ...optional("lease", this.#lease(table["lease"], [...key, "lease"])),
      })),
    };
  }

  #each<T>(root: Table, name: string, known: string[], read: (table: Table, key: string[]) => T) {
    const tables = this.#table(root, [name]);
    return new Map(
      Object.keys(tables).map((key) => [
        key,
        read(this.#table(tables, [name, key], known), [name, key]),
      ]),
    );
  }

  #table(parent: Table, key: string[], known?: string[]): Table {
    const table = parent[key.at(-1) ?? ""] ?? {};
    if (typeof table !== "object" || Array.isArray(table) || table instanceof Date) {
      this.#fail(key, "expected a table");
    }
    if (known) this.#known(table as Table, key, known);
    return table as Table;
  }

  #known(table: Table, key: string[], known: string[]): void {
    const odd = Object.keys(table).find((name) => !known.includes(name));
    if (odd !== undefined) this.#fail([...key, odd], `expected ${anyOf(known)}`, "unknown key");
  }

  #port(value: unknown, key: string[]): number | undefined {
    if (value === undefined || isPort(value)) return value;
    return this.#fail(key, `${show(value)} is not a port; expected a number from 1 to 65535`);
  }

  #ports(value: unknown, key: string[]): number[] {
    if (value === undefined) return [];
    if (!Array.isArray(value))
      this.#fail(key, `${show(value)} is not a list of ports; expected [5432, 6379], for example`);
    return (value as unknown[]).map((port) => this.#port(port, key) ?? 0);
  }

  #range(value: unknown, key: string[]): Range | undefined {
    if (value === undefined) return undefined;
    const range = typeof value === "string" ? parseRange(value) : undefined;
    return (
      range ?? this.#fail(key, `${show(value)} is not a range; expected "3000-9999", for example`)
    );
  }

  #duration(value: unknown, key: string[]): number | undefined {
    if (value === undefined) return undefined;
    const seconds = typeof value === "string" ? parseDuration(value) : undefined;
    return (
      seconds ?? this.#fail(key, `${show(value)} is not a duration; expected "10m", for example`)
    );
  }

  #lease(value: unknown, key: string[]): Lease | undefined {
    if (value === undefined || value === "ephemeral" || value === "persistent") return value;
    return this.#fail(key, `${show(value)} is not a lease; expected "ephemeral" or "persistent"`);
  }

  #fail(key: string[], problem: string, kind?: "unknown key"): never {
    const line = findLine(this.text, key);
    const name = key.join(".");
    const where = line === undefined ? this.path : `${this.path}:${line}`;
    const what = kind === undefined ? `${name}: ${problem}` : `${kind} "${name}"; ${problem}`;
    throw new RegistryError(`${where}: ${what}`, {
      code: "config",
      path: this.path,
      key: name,
      ...optional("line", line),
    });
  }
}

/** '"a", "b" or "c"' */
function anyOf(names: string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

/** The line number of a key, or else of its table. Counts from 1. */
function findLine(text: string, key: string[]): number | undefined {
  let table: string[] = [];
  let best: number | undefined;
  for (const [i, line] of text.split("\n").entries()) {
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line)?.[1];
    const name = /^\s*([^=#[]+?)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = splitKey(header);
    else if (name === undefined) continue;
    const here = header === undefined ? [...table, ...splitKey(name ?? "")] : table;
    if (here.join("\0") === key.join("\0")) return i + 1;
    if (here.length > 0 && here.every((part, at) => part === key[at])) best = i + 1;
  }
  return best;
}

function splitKey(text: string): string[] {
  const parts = text.match(/"[^"]*"|'[^']*'|[^.\s]+/g) ?? [];
  return parts.map((part) => part.replace(/^["']|["']$/g, ""));
}
