import type { Assignment, Command } from "unbash";
import { type Field, text, UNKNOWN } from "../model/field.ts";
import { found, SUCCESS } from "../model/outcome.ts";
import type { Shell } from "../model/shell.ts";
import { expand, expandQuoted, type Scope } from "./expand.ts";
import type { Flow } from "./flow.ts";
import { noteWritten, stdinOf } from "./redirects.ts";

/** Runs a program, a builtin or a function with its assignments and redirections. */
export function runSimple(shell: Flow, node: Command, input?: Field[]): Field[] {
  const before = node.prefix.length > 0 ? shell.variables.copy() : shell.variables;
  for (const one of node.prefix) if (one.type === "Assignment") assign(shell, one);
  // `$(< server.pid)` prints the file.
  if (node.name === undefined) {
    noteWritten(shell, node.redirects, []);
    return stdinOf(shell, node.redirects) ?? [];
  }
  const given = node.prefix.flatMap((one) => (one.type === "Assignment" ? [one.name] : []));
  const args = node.args.flatMap((arg) => {
    if (arg.type === "Word") return expand(arg, shell);
    assign(shell, arg);
    if (/^(export|declare|typeset)$/.test(node.name?.value ?? "")) shell.export(arg.name);
    return [text(arg.text)];
  });
  const argv = [...expand(node.name, shell), ...args];
  // `PORT=3000 npm start` sets it for that command alone.
  for (const name of given) shell.export(name);
  const output = shell.run(argv, stdinOf(shell, node.redirects, input));
  const printed = noteWritten(shell, node.redirects, output);
  for (const name of given) shell.variables.restore(name, before);
  return printed;
}

/** `pids=$(…)`, `ports=(3000 3001)`, `ports+=(3002)`. */
function assign(
  shell: Scope & Pick<Shell, "set" | "outcome">,
  { name, value, append, index }: Assignment,
): void {
  const isArray = value.type !== "Word";
  const fields = isArray
    ? value.elements.flatMap((word) => expand(word, shell))
    : expandQuoted(value, shell);
  const before = append && isArray ? (shell.variable(name) ?? [UNKNOWN]) : [];
  const isKnown = !index && (isArray || !append);
  shell.set(name, isKnown ? [...before, ...fields] : [UNKNOWN], isArray);
  shell.outcome = found(fields) ?? SUCCESS;
}
