import { dirname, join, relative, resolve } from "node:path";
import { listWorkspaces, readPackage } from "./packages.ts";
import { diskReader, type Reader } from "./reader.ts";
import { isKnownProgram, programOf } from "./tools.ts";

export interface CommandLookup {
  argv: readonly string[];
  cwd: string;
  /** The checkout's root. Without it, only `cwd` is searched. */
  root: string | undefined;
  /** The value of PATH. */
  path: string;
  reader?: Reader;
}

/** The program to start. If none was found, a hint on how to get it, if there is one. */
export interface ResolvedCommand {
  program?: string;
  hint?: string;
}

/**
 * Finds a command's program on PATH, then in the nearest node_modules/.bin up to the checkout's root.
 * For a known tool, node_modules/.bin comes first.
 */
export function resolveCommand(lookup: CommandLookup): ResolvedCommand {
  const { argv, cwd, root, path, reader = diskReader } = lookup;
  const command = argv[0] ?? "";
  if (command === "") return {};
  if (command.includes("/")) {
    return reader.isProgram(resolve(cwd, command)) ? { program: command } : {};
  }
  const onPath = path.split(":").map((directory) => resolve(cwd, directory, command));
  const installed = upward(cwd, root).map((at) => join(at, "node_modules/.bin", command));
  const places = isKnownProgram(command) ? [...installed, ...onPath] : [...onPath, ...installed];
  const program = places.find(reader.isProgram);
  if (program !== undefined) return { program };
  for (const directory of upward(cwd, root)) {
    const hint = hintFor(argv, cwd, directory, reader);
    if (hint !== undefined) return { hint };
  }
  return {};
}

/** The directories from `cwd` up to the checkout's root. */
function upward(cwd: string, root: string | undefined): string[] {
  const directories = [cwd];
  if (root === undefined || !`${cwd}/`.startsWith(`${root}/`)) return directories;
  for (let at = cwd; at !== root;) directories.push((at = dirname(at)));
  return directories;
}

const PYTHON_RUNNERS = { "uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm" };
const PACKAGE_MANAGERS = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
  "package.json": "npm",
};
const BINARIES = [".venv/bin", "venv/bin", "env/bin", "vendor/bin", "bin"];

function hintFor(
  [command = "", ...rest]: readonly string[],
  cwd: string,
  directory: string,
  reader: Reader,
): string | undefined {
  const has = (name: string) => reader.exists(join(directory, name));
  const valueFor = (files: Record<string, string>) =>
    Object.entries(files).find(([file]) => has(file))?.[1];
  const line = (...first: string[]) => `run: ${[...first, ...rest].join(" ")}`;

  const found = BINARIES.find((place) => reader.isProgram(join(directory, place, command)));
  if (found !== undefined) {
    const runner = found === ".venv/bin" ? valueFor(PYTHON_RUNNERS) : undefined;
    if (runner !== undefined) return line(runner, "run", command);
    return line(relative(cwd, join(directory, found, command)));
  }
  const gems = reader.readFile(join(directory, "Gemfile"));
  if (gems?.match(/["'][^"'\n]+["']/g)?.some((gem) => gem.slice(1, -1) === command)) {
    return line("bundle", "exec", command);
  }
  const dependencies = readPackage(reader, directory)?.dependencies ?? [];
  if (dependencies.some((name) => programOf(name) === command)) {
    return `run: ${valueFor(PACKAGE_MANAGERS)} install`;
  }
  const elsewhere = listWorkspaces(reader, directory).find((one) =>
    reader.isProgram(join(one.directory, "node_modules/.bin", command)),
  );
  return (
    elsewhere && `${command} is installed in ${relative(cwd, elsewhere.directory)}; run it there`
  );
}
