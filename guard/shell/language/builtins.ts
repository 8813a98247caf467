import { type Field, linesOf, textOf, textsOf, UNKNOWN } from "../model/field.ts";
import type { Run, Shell } from "../model/shell.ts";
import { change } from "./arithmetic.ts";
import { read } from "./read-line.ts";

/** What changes the shell, and what is known of files. */
export const BUILTINS: Record<string, Run> = {
  cd(shell, args) {
    shell.cwd = directoryAfter(shell.cwd, textOf(args[0]));
    return [];
  },
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
// What these leave of files isn't followed.
for (const name of ["rm", "mv", "cp", "truncate", "install", "ln"]) {
  BUILTINS[name] = (shell, args) => {
    shell.write(args, UNKNOWN);
    return [];
  };
}
BUILTINS["pushd"] = BUILTINS["cd"] as Run;

/** `mapfile -t pids`: the lines of its input in an array. */
function readLines(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const name = textOf(args.at(-1));
  if (name !== undefined) shell.set(name, linesOf(input ?? [UNKNOWN]), true);
  return [];
}

function directoryAfter(cwd: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === "-" || path.startsWith("~") || path.includes("$"))
    return undefined;
  if (path.startsWith("/")) return path;
  return cwd === undefined ? undefined : `${cwd}/${path}`;
}
