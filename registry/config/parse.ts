import { parseDuration } from "../values/duration.ts";
import { type Config, DEFAULTS, parseRange, type Range } from "./config.ts";
import { optional, readToml, show, type Table, type TomlReader } from "./toml-reader.ts";

/** Parses config.toml. `path` is for error messages. Throws a RegistryError ("config"). */
export function parseConfig(source: string, path: string): Config {
  return readToml(source, path, "config", readConfig);
}

function readConfig(reader: TomlReader, root: Table): Config {
  reader.known(root, [], ["pool", "reap", "guard", "projects", "services"]);
  const pool = reader.table(root, ["pool"], ["range", "exclude"]);
  const reap = reader.table(root, ["reap"], ["grace"]);
  const guard = reader.table(root, ["guard"], ["enabled"]);
  const exclude = portsOf(reader, pool["exclude"], ["pool", "exclude"]);
  return {
    range: rangeOf(reader, pool["range"], ["pool", "range"]) ?? DEFAULTS.range,
    exclude: new Set([...DEFAULTS.exclude, ...exclude]),
    grace: secondsOf(reader, reap["grace"], ["reap", "grace"]) ?? DEFAULTS.grace,
    guard: reader.flag(guard["enabled"], ["guard", "enabled"]) ?? DEFAULTS.guard,
    projects: reader.each(root, "projects", ["prefer", "range"], (table, key) => ({
      ...optional("prefer", reader.port(table["prefer"], [...key, "prefer"])),
      ...optional("range", rangeOf(reader, table["range"], [...key, "range"])),
    })),
    services: reader.each(root, "services", ["port", "lease"], (table, key) => ({
      ...optional("port", reader.port(table["port"], [...key, "port"])),
      ...optional("lease", reader.lease(table["lease"], [...key, "lease"])),
    })),
  };
}

function portsOf(reader: TomlReader, value: unknown, key: string[]): number[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    reader.fail(key, `${show(value)} is not a list of ports; expected [5432, 6379], for example`);
  }
  return (value as unknown[]).map((port) => reader.port(port, key) ?? 0);
}

function rangeOf(reader: TomlReader, value: unknown, key: string[]): Range | undefined {
  if (value === undefined) return undefined;
  const range = typeof value === "string" ? parseRange(value) : undefined;
  return (
    range ?? reader.fail(key, `${show(value)} is not a range; expected "3000-9999", for example`)
  );
}

function secondsOf(reader: TomlReader, value: unknown, key: string[]): number | undefined {
  if (value === undefined) return undefined;
  const seconds = typeof value === "string" ? parseDuration(value) : undefined;
  return (
    seconds ?? reader.fail(key, `${show(value)} is not a duration; expected "10m", for example`)
  );
}
