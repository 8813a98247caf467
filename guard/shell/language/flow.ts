import type { AndOr, CommandNode, CompoundList, PipelineNode, Statement } from "unbash";
import type { Field } from "../model/field.ts";
import {
  conditionsOf,
  negated,
  OPEN,
  type Outcome,
  SUCCESS,
  underConditions,
} from "../model/outcome.ts";
import type { Shell } from "../model/shell.ts";
import type { Scope } from "./expand.ts";
import { Reach } from "./reach.ts";
import { Variables } from "./variables.ts";

/** A shell whose commands can depend on each other. */
export interface Flow extends Shell, Scope {
  readonly reach: Reach;
  readonly variables: Variables;
  subshell(): Flow;
  command(node: CommandNode | CompoundList, input?: Field[]): Field[];
  /** Notes a function. */
  define(name: string, body: CommandNode | CompoundList): void;
}

/** Runs one statement after the other; returns what they print. */
export function runList(shell: Flow, statements: readonly Statement[], input?: Field[]): Field[] {
  const { reach } = shell;
  return reach.under([], () =>
    statements.flatMap(({ command, background }) => {
      const since = reach.count;
      const printed =
        command.type === "AndOr"
          ? runAndOr(shell, command, input)
          : runPipeline(shell, command, input);
      if (background) shell.outcome = SUCCESS;
      reach.follow(since);
      return printed;
    }),
  );
}

function runAndOr(shell: Flow, { commands, operators }: AndOr, input?: Field[]): Field[] {
  return commands.flatMap((each, i) => {
    const run = () => runPipeline(shell, each, input);
    return i === 0 ? run() : branch(shell, shell.outcome, operators[i - 1] === "&&", run);
  });
}

function runPipeline(shell: Flow, node: PipelineNode, input?: Field[]): Field[] {
  if (node.type !== "Pipeline") return shell.command(node, input);
  let stream = input;
  const [only, ...others] = node.commands;
  if (only && others.length === 0) stream = shell.command(only, input);
  else {
    for (const each of node.commands) {
      stream = inSubshell(shell, (inner) => inner.command(each, stream));
    }
  }
  const negations = node.prefixes.filter(({ type }) => type === "Negation");
  if (negations.length % 2 === 1) shell.outcome = negated(shell.outcome);
  return stream ?? [];
}

export function inSubshell(shell: Flow, run: (inner: Flow) => Field[]): Field[] {
  const inner = shell.subshell();
  const printed = run(inner);
  shell.outcome = inner.outcome;
  return printed;
}

/** Runs what depends on an outcome; nothing is noted that may not be reached. */
export function branch(
  shell: Flow,
  outcome: Outcome,
  wanted: boolean,
  run: () => Field[],
): Field[] {
  const conditions = conditionsOf(outcome, wanted);
  if (conditions === "never") return [];
  const printed = shell.reach.under(conditions, run);
  if (conditions === "open") shell.outcome = OPEN;
  else shell.outcome = { ...shell.outcome, where: [...conditions, ...shell.outcome.where] };
  return printed.map((field) => underConditions(field, conditions));
}
