import { change } from "./arithmetic.ts";
import { type Field, linesOf, textsOf, UNKNOWN } from "./field.ts";
import { readOptions } from "./options.ts";
import { read } from "./read.ts";
import type { Shell } from "./shell.ts";

export type Run = (shell: Shell, args: readonly Field[], input: Field[] | undefined) => Field[];

/** What changes the shell, or runs a text in one. */
export const BUILTINS: Record<string, Run> = {
  cd(shell, args) {
    shell.cwd = directoryAfter(shell.cwd, textOf(args[0]));
    return [];
  },
  eval(shell, args, input) {
    const script = textIn(args, " ");
    return script === undefined ? [UNKNOWN] : shell.source(script, input);
  },
  trap(shell, args) {
    const script = textOf(args[0]);
    // Other signals may never come.
    const isAtExit = textsOf(args.slice(1)).some((signal) => /^(EXIT|0)$/.test(signal));
    if (isAtExit && script !== undefined && script !== "-") shell.subshell().source(script);
    return [];
  },
  su,
  mapfile: readLines,
  readarray: readLines,
  read,
  let(shell, args) {
    for (const word of textsOf(args)) change(shell, word);
    return [];
  },
  shift(shell, args) {
    const by = Number(textOf(args[0]) ?? 1);
    const all = shell.variable("@") ?? [UNKNOWN];
    shell.setArguments([shell.variable("0")?.[0] ?? UNKNOWN, ...all.slice(by)]);
    for (let i = all.length - by + 1; i <= all.length; i++) shell.set(String(i), []);
    return [];
  },
  export(shell, args) {
    for (const name of textsOf(args)) shell.export(name);
    return [];
  },
  source(shell, args) {
    const [script] = shell.read(args.slice(0, 1));
    return script?.kind === "text" ? shell.source(script.text) : [UNKNOWN];
  },
  tee(shell, args, input = []) {
    shell.write(args, input.length === 1 && input[0] ? input[0] : UNKNOWN);
    return input;
  },
  set(shell, args) {
    const zero = shell.variable("0")?.[0] ?? UNKNOWN;
    if (textOf(args[0]) === "--") shell.setArguments([zero, ...args.slice(1)]);
    return [];
  },
  popd(shell) {
    shell.cwd = undefined;
    return [];
  },
  unset(shell, args) {
    for (const name of textsOf(args)) shell.set(name, []);
    return [];
  },
};
for (const name of ["sh", "bash", "zsh", "dash", "ksh"]) BUILTINS[name] = runShell;
BUILTINS["."] = BUILTINS["source"] as Run;
// What these leave of files isn't followed.
for (const name of ["rm", "mv", "cp", "truncate", "install", "ln"]) {
  BUILTINS[name] = (shell, args) => {
    shell.write(args, UNKNOWN);
    return [];
  };
}
BUILTINS["pushd"] = BUILTINS["cd"] as Run;

/** The text of fields that are all known. */
export const textIn = (fields: readonly Field[], between: string) =>
  fields.every(({ kind }) => kind === "text") ? textsOf(fields).join(between) : undefined;

/** `mapfile -t pids`: the lines of its input in an array. */
function readLines(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const name = textOf(args.at(-1));
  if (name !== undefined) shell.set(name, linesOf(input ?? [UNKNOWN]), true);
  return [];
}

export const textOf = (field: Field | undefined): string | undefined =>
  field?.kind === "text" ? field.text : undefined;

/** `bash -c '…'`, or a script on stdin. */
function runShell(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const at = args.findIndex((arg) => /^(-[a-z]*c|--command)$/.test(textOf(arg) ?? ""));
  if (at >= 0) {
    const [script, ...words] = args.slice(at + 1);
    return script?.kind === "text" ? inChild(shell, script.text, words, input) : [UNKNOWN];
  }
  const file = args.findIndex((arg) => !textOf(arg)?.startsWith("-"));
  if (file >= 0) return runFile(shell, args.slice(file));
  if (input === undefined) return [UNKNOWN];
  const script = textIn(input, "\n");
  return script === undefined ? [UNKNOWN] : inChild(shell, script, []);
}

/** A script that the line itself has written. */
export function runFile(shell: Shell, argv: readonly Field[]): Field[] {
  const [script] = shell.read(argv.slice(0, 1));
  return script?.kind === "text" ? inChild(shell, script.text, argv) : [UNKNOWN];
}

function inChild(shell: Shell, script: string, argv: readonly Field[], input?: Field[]): Field[] {
  const child = shell.child(argv);
  const output = child.source(script, input);
  shell.outcome = child.outcome;
  return output;
}

/** `su USER -c '…'`: of root, without a user. */
function su(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const { values, rest } = readOptions(args, { short: "csg", long: "command shell group" });
  const user = textsOf(rest).find((word) => word !== "-") ?? "root";
  const script = (values.get("c") ?? values.get("command"))?.[0];
  const isOther = !["root", ...textsOf(shell.variable("USER") ?? [])].includes(user);
  if (isOther || (script === "" && input !== undefined)) return [UNKNOWN];
  return script ? inChild(shell, script, []) : [UNKNOWN];
}

function directoryAfter(cwd: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === "-" || path.startsWith("~") || path.includes("$"))
    return undefined;
  if (path.startsWith("/")) return path;
  return cwd === undefined ? undefined : `${cwd}/${path}`;
}
