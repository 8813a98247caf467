import { resolve } from "node:path";
import { type Invocation, operandAt, type Peel, valueOf, valuesOf } from "./invocation.ts";
import { findWorkspace } from "./packages.ts";
import type { Reader } from "./reader.ts";
import { runFile, runNamed, runPackage, runScript } from "./run-script.ts";

/** A package manager's flags that determine which package's script runs. */
interface Flags {
  directory: string[];
  /** Select one package of a monorepo, by name or directory. */
  workspace: string[];
  several: string[];
  /** Other flags that take a value. */
  valued: string[];
}

const NPM: Flags = {
  directory: ["--prefix", "-C"],
  workspace: ["--workspace", "-w"],
  several: ["--workspaces", "-ws"],
  valued: ["--package", "-p", "--loglevel"],
};
const PNPM: Flags = {
  directory: ["--dir", "-C"],
  workspace: ["--filter", "-F"],
  several: ["--recursive", "-r", "--workspace-root", "-w"],
  valued: ["--loglevel", "--reporter"],
};
const YARN: Flags = { directory: ["--cwd"], workspace: [], several: [], valued: [] };
const BUN: Flags = {
  directory: ["--cwd"],
  workspace: ["--filter", "-F"],
  several: ["--workspaces"],
  valued: ["--config", "-c", "--env-file", "--preload", "-r"],
};
const NODE_VALUED = ["-r", "--require", "--import", "--loader", "-C", "--conditions", "--env-file"];
const PACKAGE = ["--package", "-p"];
const CALL = ["--call", "-c"];

const valuedOf = ({ directory, workspace, valued }: Flags) => [
  ...directory,
  ...workspace,
  ...valued,
];

/** The directory whose script runs; `undefined` if there may be several. */
function directoryOf(call: Invocation, words: readonly string[], flags: Flags, reader: Reader) {
  const directory = resolve(call.cwd, valueOf(words, ...flags.directory) ?? "");
  const [which, ...others] = valuesOf(words, ...flags.workspace);
  if (others.length > 0 || words.some((word) => flags.several.includes(word))) return undefined;
  return which === undefined ? directory : findWorkspace(reader, directory, which)?.directory;
}

/** npm consumes every flag before `--` and passes on the other arguments. */
export const npm: Peel = (call, reader) => {
  const { words } = call;
  const dashes = words.indexOf("--");
  const before = words.slice(1, dashes < 0 ? undefined : dashes);
  const after = dashes < 0 ? [] : words.slice(dashes + 1);
  const [command = "", ...operands] = before.filter(
    (word, i) => !word.startsWith("-") && !valuedOf(NPM).includes(before[i - 1] ?? ""),
  );
  const cwd = directoryOf(call, before, NPM, reader);
  const inner = dashes < 0 ? withSeparator(call) : call;
  if (inner === undefined || cwd === undefined || valueOf(before, ...CALL) !== undefined) {
    return undefined;
  }
  const kept = { by: "npm", words: before.filter((word) => word !== command) };
  const passed = [...operands, ...after];
  const next = { ...inner, cwd, kept };
  if (["run", "run-script", "rum", "urn"].includes(command)) {
    const [name, ...rest] = passed;
    return name === undefined ? call : runScript(next, name, rest, reader);
  }
  if (command === "start") return runScript(next, "start", passed, reader);
  if (command !== "exec" && command !== "x") return call;
  return runPackage(next, passed, valueOf(before, ...PACKAGE));
};

/** Adds the `--` that appended arguments need; `undefined` if an outer runner would drop it. */
function withSeparator(call: Invocation): Invocation | undefined {
  return call.dropsDashes ? undefined : { ...call, separators: [...call.separators, "--"] };
}

/** `npx vite`, `bunx vite` */
export const npx: Peel = (call) => {
  const at = operandAt(call.words, 1, [...PACKAGE, ...CALL]);
  const flags = call.words.slice(1, at);
  if (valueOf(flags, ...CALL) !== undefined) return undefined;
  return runPackage(call, call.words.slice(at), valueOf(flags, ...PACKAGE));
};

/** pnpm passes on everything after the script's name, including `--`. */
export const pnpm: Peel = (call, reader) => {
  const { flags, words } = splitRun(call.words, PNPM);
  const cwd = directoryOf(call, flags, PNPM, reader);
  return cwd === undefined ? undefined : runNamed({ ...call, cwd, words }, reader);
};

/** yarn 1 drops a `--`; later versions pass it on. */
export const yarn: Peel = (call, reader) => {
  const { flags, words } = splitRun(call.words, YARN);
  const directory = directoryOf(call, flags, YARN, reader) ?? call.cwd;
  const isWorkspace = words[0] === "workspace";
  const cwd = isWorkspace ? findWorkspace(reader, directory, words[1] ?? "")?.directory : directory;
  if (cwd === undefined) return undefined;
  const inner = isWorkspace ? splitRun(words.slice(1), YARN).words : words;
  const dashes = inner.indexOf("--");
  return runNamed(
    {
      ...call,
      cwd,
      words: dashes < 0 ? inner : inner.toSpliced(dashes, 1),
      dropsDashes: true,
      ...(dashes < 0 ? {} : { uncertain: true }),
    },
    reader,
  );
};

/** bun drops a `--` after the script's name. */
export const bun: Peel = (call, reader) => {
  const { flags, words } = splitRun(call.words, BUN);
  const [name = "", ...rest] = words;
  if (name === "x") return npx({ ...call, words }, reader);
  const cwd = directoryOf(call, flags, BUN, reader);
  if (cwd === undefined) return undefined;
  const passed = rest[0] === "--" ? rest.slice(1) : rest;
  const inner: Invocation = { ...call, cwd, words: [name, ...passed], dropsDashes: true };
  return name.includes("/") ? runFile(inner, 0) : runNamed(inner, reader);
};

/** Splits `pnpm --silent run --if-present dev --host` into pnpm's own flags and what it runs. */
function splitRun(all: readonly string[], flags: Flags) {
  const first = operandAt(all, 1, valuedOf(flags));
  const isRun = all[first] === "run" || all[first] === "run-script";
  const at = isRun ? operandAt(all, first + 1, valuedOf(flags)) : first;
  return { flags: all.slice(1, at), words: all.slice(at) };
}

/** `node --run dev`, which needs `--` as npm does, or a tool's file under node_modules. */
export const node: Peel = (call, reader) => {
  const { words } = call;
  const run = words.indexOf("--run");
  const at = operandAt(words, 1, NODE_VALUED);
  if (run < 0 || run > at) return runFile(call, at);
  const dashes = words.indexOf("--", run);
  const name = words[run + 1];
  if (name === undefined) return call;
  const inner = dashes < 0 ? withSeparator(call) : call;
  return inner && runScript(inner, name, dashes < 0 ? [] : words.slice(dashes + 1), reader);
};
