import type { Case, Command, CommandNode, CompoundList, If, While } from "unbash";
import type { Condition } from "../model/consequences.ts";
import { type Field, linesOf, text, UNKNOWN } from "../model/field.ts";
import { found, OPEN, SUCCESS, underConditions } from "../model/outcome.ts";
import { change, countedLoop } from "./arithmetic.ts";
import { expressionOutcome } from "./conditions.ts";
import { expand, expandQuoted } from "./expand.ts";
import { branch, type Flow, inSubshell, runList } from "./flow.ts";
import { readLine } from "./read-line.ts";

/** Passes of a loop that are followed. */
const MAX_LOOPS = 200;

/** Runs what isn't a simple command; returns what it prints. */
export function runCompound(
  shell: Flow,
  node: Exclude<CommandNode | CompoundList, Command>,
  input?: Field[],
): Field[] {
  switch (node.type) {
    case "Function":
      shell.define(node.name.value, node.body);
      return [];
    case "CompoundList":
      return runList(shell, node.commands, input);
    case "BraceGroup":
      return runList(shell, node.body.commands, input);
    case "Subshell":
      return inSubshell(shell, (inner) => runList(inner, node.body.commands, input));
    case "ArithmeticFor": {
      const counted = countedLoop(node, shell);
      if (counted === undefined) return loop(shell, [ONCE], node.body, input);
      const { name, first, last } = counted;
      const count = Math.min(Math.max(0, last - first + 1), MAX_LOOPS);
      const values = Array.from({ length: count }, (_, i) => text(String(first + i)));
      return loop(shell, settings(shell, name, values), node.body);
    }
    // It asks which, and there is no terminal to answer.
    case "Select":
      return [];
    case "For": {
      const values = node.wordlist
        ? node.wordlist.flatMap((word) => expand(word, shell))
        : (shell.variable("@") ?? []);
      return loop(shell, settings(shell, node.name.value, values), node.body);
    }
    case "If":
      return runIf(shell, node, node, node.elif, input);
    case "While":
      return runWhile(shell, node, input);
    case "Case":
      return runCase(shell, node, input);
    case "ArithmeticCommand":
      change(shell, node.body);
      shell.outcome = OPEN;
      return [];
    case "TestCommand":
      shell.outcome = expressionOutcome(node.expression, shell);
      return [];
    default:
      shell.outcome = OPEN;
      return [];
  }
}

function runIf(
  shell: Flow,
  { clause, then }: Pick<If, "clause" | "then">,
  whole: If,
  [next, ...others]: If["elif"],
  input?: Field[],
): Field[] {
  const printed = runList(shell, clause.commands, input);
  const condition = shell.outcome;
  printed.push(...branch(shell, condition, true, () => runList(shell, then.commands, input)));
  const otherwise = () =>
    next
      ? runIf(shell, next, whole, others, input)
      : runList(shell, whole.else?.commands ?? [], input);
  return [...printed, ...branch(shell, condition, false, otherwise)];
}

/** A pass of a loop: what it sets, and when there is one. */
interface Pass {
  set: () => void;
  conditions: Condition[] | "open";
}

const ONCE: Pass = { set: () => undefined, conditions: [] };

/** There is a pass for an id where its process is there, and for what isn't known perhaps none. */
function passFor(value: Field, set: () => void): Pass {
  if (value.kind === "text") return { set, conditions: [] };
  return { set, conditions: found([value])?.where ?? "open" };
}

/** Gives a variable the value of each pass. */
const settings = (shell: Flow, name: string, values: readonly Field[]): Pass[] =>
  values
    .filter((value) => value.kind !== "text" || value.text !== "")
    .slice(0, MAX_LOOPS)
    .map((value) => passFor(value, () => shell.set(name, [value])));

/** Runs the body once after each of the settings. */
function loop(shell: Flow, passes: readonly Pass[], body: CompoundList, input?: Field[]): Field[] {
  const { reach } = shell;
  const start = reach.count;
  const printed = reach.under([], () =>
    passes.flatMap(({ set, conditions }) => {
      const since = reach.count;
      set();
      const output = reach.under(conditions, () => runList(shell, body.commands, input));
      reach.leave("continue", since);
      reach.follow(since);
      return output.map((field) => underConditions(field, conditions));
    }),
  );
  reach.leave("break", start);
  return printed;
}

/** `while read pid; do kill $pid; done` reads the ids from its input. */
function runWhile(shell: Flow, { kind, clause, body }: While, input?: Field[]): Field[] {
  const first = clause.commands[0]?.command;
  if (first?.type === "Command" && first.name?.value === "read" && input !== undefined) {
    const words = first.args.flatMap((word) => (word.type === "Word" ? [text(word.value)] : []));
    const separator = first.prefix.find((one) => one.type === "Assignment");
    const isSplit = separator === undefined || separator.text === "IFS=";
    const passes = linesOf(input)
      .slice(0, MAX_LOOPS)
      .map((line) => passFor(line, () => readLine(shell, words, isSplit ? line : UNKNOWN)));
    return loop(shell, passes, body);
  }
  const printed = runList(shell, clause.commands, input);
  const once = () => loop(shell, [ONCE], body, input);
  return [...printed, ...branch(shell, shell.outcome, kind === "while", once)];
}

/** Runs the first branch that matches, where that is known; else any may be it. */
function runCase(shell: Flow, { word, items }: Case, input?: Field[]): Field[] {
  const [value, ...others] = expandQuoted(word, shell);
  const known = value?.kind === "text" && others.length === 0 ? value.text : undefined;
  const printed: Field[] = [];
  let isOpen = false;
  for (const { pattern, body } of items) {
    const words = pattern.map((one) => one.value);
    const isMatch = words.some((one) => one === "*" || one === known);
    const isNone = known !== undefined && words.every((one) => /^[\w.-]+$/.test(one));
    if (!isMatch && isNone) continue;
    isOpen ||= !isMatch;
    const run = () => runList(shell, body.commands, input);
    printed.push(...branch(shell, isOpen ? OPEN : SUCCESS, true, run));
    if (isMatch) break;
  }
  return printed;
}
