import { dirname, join, resolve } from "node:path";
import type { Reader } from "./reader.ts";

/** The parts of a package.json that are used. */
export interface Package {
  directory: string;
  name: string | undefined;
  scripts: ReadonlyMap<string, string>;
  dependencies: string[];
  /** Workspace patterns: `packages/*`. */
  workspaces: string[];
}

/** The most packages to search for a name. */
const MOST_PACKAGES = 1000;

/** The nearest package.json in a directory or its parents, as package managers find it. */
export function findPackage(reader: Reader, directory: string): Package | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const found = readPackage(reader, at);
    if (found || at === dirname(at)) return found;
  }
}

/** The package of a monorepo with this name, or else the one in this directory. */
export function findWorkspace(reader: Reader, from: string, which: string): Package | undefined {
  const named = listWorkspaces(reader, from).find(({ name }) => name === which);
  return named ?? readPackage(reader, resolve(from, which));
}

/** The packages of the monorepo that contains a directory. */
export function listWorkspaces(reader: Reader, from: string): Package[] {
  for (let at = from; ; at = dirname(at)) {
    const patterns = workspacesOf(reader, at);
    if (patterns.length > 0) {
      const directories = patterns.flatMap((pattern) => expand(reader, at, pattern));
      return directories
        .slice(0, MOST_PACKAGES)
        .flatMap((directory) => readPackage(reader, directory) ?? []);
    }
    if (at === dirname(at)) return [];
  }
}

/** Reads a package.json; an invalid one has no scripts. */
export function readPackage(reader: Reader, directory: string): Package | undefined {
  const text = reader.readFile(join(directory, "package.json"));
  if (text === undefined) return undefined;
  const { name, scripts, workspaces, dependencies, devDependencies } = parseObject(text);
  const patterns = Array.isArray(workspaces) ? workspaces : asObject(workspaces)["packages"];
  return {
    directory,
    name: isText(name) ? name : undefined,
    scripts: new Map(
      Object.entries(asObject(scripts)).filter((entry): entry is [string, string] =>
        isText(entry[1]),
      ),
    ),
    dependencies: Object.keys({ ...asObject(dependencies), ...asObject(devDependencies) }),
    workspaces: Array.isArray(patterns) ? patterns.filter(isText) : [],
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch {
    return {};
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

const asObject = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;

function workspacesOf(reader: Reader, directory: string): string[] {
  const yaml = reader.readFile(join(directory, "pnpm-workspace.yaml"));
  return yaml === undefined
    ? (readPackage(reader, directory)?.workspaces ?? [])
    : parsePnpmPackages(yaml);
}

/** Parses the list under `packages:`, the only part of pnpm-workspace.yaml that is needed. */
function parsePnpmPackages(yaml: string): string[] {
  const lines = yaml.split(/\r?\n/);
  const start = lines.findIndex((line) => /^packages:\s*(#.*)?$/.test(line)) + 1;
  const end = lines.findIndex((line, i) => i >= start && /^[^\s#-]/.test(line));
  const list = start === 0 ? [] : lines.slice(start, end < 0 ? undefined : end);
  return list.flatMap((line) => /^\s*-\s*["']?([^"'#]+?)["']?\s*(?:#.*)?$/.exec(line)?.[1] ?? []);
}

/** The directories that match a pattern, which may end in `*` or `**`. */
function expand(reader: Reader, root: string, pattern: string): string[] {
  const [, parent, star] = /^(.*?)\/?(\*\*?)?\/?$/s.exec(pattern) ?? [];
  if (parent === undefined || parent.includes("*") || parent.startsWith("!")) return [];
  const directory = join(root, parent);
  if (star === undefined) return [directory];
  return reader.listDirectory(directory).map((name) => join(directory, name));
}
