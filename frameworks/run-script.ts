import { type Invocation, operandAt, valueOf, withWords } from "./invocation.ts";
import { findPackage } from "./packages.ts";
import type { Reader } from "./reader.ts";
import { parseSimpleCommand } from "./simple-command.ts";
import { programOf } from "./tools.ts";

/** A script's command, if it is a single simple command. `passed` are the arguments after its name. */
export function runScript(
  call: Invocation,
  name: string,
  passed: readonly string[],
  reader: Reader,
): Invocation | undefined {
  const found = findPackage(reader, call.cwd);
  const line = found?.scripts.get(name) ?? "";
  const command = parseSimpleCommand(line);
  if (!found || !command) return undefined;
  const circle = call.scripts.find(
    (script) => script.name === name && script.directory === found.directory,
  );
  if (circle) return { ...call, words: [], circle };
  return {
    ...call,
    words: [...command.words, ...passed],
    cwd: found.directory,
    variables: new Map([...call.variables, ...command.assignments]),
    scripts: [...call.scripts, { name, line, directory: found.directory }],
  };
}

/** `exec vite`, `dlx vite`, a script by name, or else a program: `pnpm vite`. */
export function runNamed(call: Invocation, reader: Reader): Invocation | undefined {
  const [name = "", ...rest] = call.words;
  if (name === "exec" || name === "dlx") {
    const at = operandAt(rest, 0, ["--package", "-p"]);
    const flags = rest.slice(0, at);
    if (flags.includes("-c") || flags.includes("--shell-mode")) return undefined;
    return runPackage(call, rest.slice(at), valueOf(flags, "--package", "-p"));
  }
  const isScript = findPackage(reader, call.cwd)?.scripts.has(name);
  return isScript ? runScript(call, name, rest, reader) : call;
}

/** A package's program: `vite@8`, `@angular/cli serve`. `named` is the value of --package. */
export function runPackage(
  call: Invocation,
  [first, ...rest]: readonly string[],
  named: string | undefined,
): Invocation {
  if (first === undefined) return call;
  const version = first.indexOf("@", 1);
  const name = version < 0 ? first : first.slice(0, version);
  return withWords(call, [named === undefined ? programOf(name) : first, ...rest]);
}

/** The program that a file below node_modules belongs to: `node node_modules/vite/bin/vite.js`. */
export function runFile(call: Invocation, at: number): Invocation {
  const [, path] = /^(?:.*\/)?node_modules\/(.*)$/s.exec(call.words[at] ?? "") ?? [];
  if (path === undefined) return call;
  const [scope = "", name = ""] = path.split("/");
  const program =
    scope === ".bin" ? name : programOf(scope.startsWith("@") ? `${scope}/${name}` : scope);
  return withWords(call, [program, ...call.words.slice(at + 1)]);
}
