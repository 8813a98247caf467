import { type Field, text, textIn, textOf, textsOf, UNKNOWN } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import type { Run, Shell } from "../model/shell.ts";
import { isOtherUser } from "./other-user.ts";

/** What runs a text or a file as a script. */
export const SCRIPTS: Record<string, Run> = {
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
  source(shell, args) {
    const [script] = shell.read(args.slice(0, 1));
    return script?.kind === "text" ? shell.source(script.text) : [UNKNOWN];
  },
};
SCRIPTS["."] = SCRIPTS["source"] as Run;
for (const name of ["sh", "bash", "zsh", "dash", "ksh"]) SCRIPTS[name] = runShell;

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
  if (isOtherUser(user, shell) || (script === "" && input !== undefined)) return [UNKNOWN];
  return script ? inChild(shell, script, []) : [UNKNOWN];
}

/** The command by which a shell runs a text. */
export const inShell = (script: Field): Field[] => [text("sh"), text("-c"), script];
