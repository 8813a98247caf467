import { parse, TomlError } from "smol-toml";
import { RegistryError } from "../errors/errors.ts";
import { isPort, type Lease } from "../model/claim.ts";

export type Table = Record<string, unknown>;

type Code = "config" | "project-file";

/** Parses a TOML file and reads it by key. `path` is for error messages. Throws a RegistryError (`code`). */
export function readToml<T>(
  source: string,
  path: string,
  code: Code,
  read: (reader: TomlReader, root: Table) => T,
): T {
  const text = source.replace(/^\uFEFF/, "");
  try {
    return read(new TomlReader(text, path, code), parse(text) as Table);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what =
      error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "invalid TOML";
    throw new RegistryError(`${path}:${error.line}: ${what}`, {
      code,
      path,
      line: error.line,
    });
  }
}

/** Checks values by key, so that every error can give the key and its line. */
export class TomlReader {
  constructor(
    readonly text: string,
    readonly path: string,
    readonly code: Code,
  ) {}

  /** Reads each table of a table of tables. */
  each<T>(
    root: Table,
    name: string,
    known: string[] | undefined,
    read: (table: Table, key: string[]) => T,
  ): Map<string, T> {
    const tables = this.table(root, [name]);
    return new Map(
      Object.keys(tables).map((key) => [
        key,
        read(this.table(tables, [name, key], known), [name, key]),
      ]),
    );
  }

  /** The table at a key, empty if there is none. Fails on a key that isn't `known`. */
  table(parent: Table, key: string[], known?: string[]): Table {
    const name = key.at(-1) ?? "";
    const table = Object.hasOwn(parent, name) ? parent[name] : {};
    if (typeof table !== "object" || Array.isArray(table) || table instanceof Date) {
      this.fail(key, "expected a table");
    }
    if (known) this.known(table as Table, key, known);
    return table as Table;
  }

  known(table: Table, key: string[], known: string[]): void {
    const [odd] = unknownKeys(table, known);
    if (odd === undefined) return;
    throw this.error(
      [...key, odd],
      `unknown key "${[...key, odd].join(".")}"; expected ${anyOf(known)}`,
    );
  }

  port(value: unknown, key: string[], lowest = 1): number | undefined {
    if (value === undefined || (isPort(value) && value >= lowest)) return value;
    return this.fail(
      key,
      `${show(value)} is not a port; expected a number from ${lowest} to 65535`,
    );
  }

  lease(value: unknown, key: string[]): Lease | undefined {
    if (value === undefined || value === "ephemeral" || value === "persistent") return value;
    return this.fail(key, `${show(value)} is not a lease; expected "ephemeral" or "persistent"`);
  }

  flag(value: unknown, key: string[]): boolean | undefined {
    if (value === undefined || typeof value === "boolean") return value;
    return this.fail(key, `${show(value)} is not true or false`);
  }

  fail(key: string[], problem: string): never {
    throw this.error(key, `${key.join(".")}: ${problem}`);
  }

  /** What is wrong at a key, as an error with its line. */
  error(key: string[], what: string): RegistryError {
    const line = findLine(this.text, key);
    const where = line === undefined ? this.path : `${this.path}:${line}`;
    return new RegistryError(`${where}: ${what}`, {
      code: this.code,
      path: this.path,
      key: key.join("."),
      ...optional("line", line),
    });
  }
}

/** The keys of a table that aren't known. */
export function unknownKeys(table: Table, known: string[]): string[] {
  return Object.keys(table).filter((name) => !known.includes(name));
}

/** '"a", "b" or "c"' */
export function anyOf(names: string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

export function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}

export function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
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
