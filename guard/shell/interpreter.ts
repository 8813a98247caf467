import {
  type Command,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  parse,
  type PipelineNode,
  type Statement,
} from "unbash";
import type { Consequences, End, Forced } from "../target.ts";
import { assign } from "./assignment.ts";
import { type Flow, inSubshell, runAndOr, runCompound } from "./control.ts";
import { expand, type Scope } from "./expand.ts";
import { type Field, text, textsOf, UNKNOWN } from "./field.ts";
import type { Session } from "./files.ts";
import {
  conditionsOf,
  exitOutcome,
  negated,
  OPEN,
  type Outcome,
  SUCCESS,
  underConditions,
} from "./outcome.ts";
import { runProgram } from "./programs.ts";
import { Reach } from "./reach.ts";
import { noteWritten, stdinOf } from "./redirects.ts";
import { MAX_LENGTH, type Shell, type Surroundings } from "./shell.ts";
import { Variables } from "./variables.ts";

/** A line that takes more steps is let through. */
const MAX_STEPS = 3000;

/** A shell, or a subshell of it. */
export class Interpreter implements Shell, Scope, Flow {
  outcome: Outcome = SUCCESS;
  readonly reach: Reach;
  /** `undefined` once a `cd` went to a directory that isn't known. */
  cwd: string | undefined;
  private readonly variables: Variables;
  private readonly functions: Map<string, CommandNode | CompoundList>;

  constructor(
    private readonly consequences: Consequences,
    readonly surroundings: Surroundings,
    private readonly session: Session,
    parent?: Interpreter,
  ) {
    this.variables = parent?.variables.copy() ?? Variables.of(surroundings.variables);
    this.functions = new Map(parent?.functions);
    this.cwd = parent === undefined ? surroundings.cwd : parent.cwd;
    this.reach = new Reach(parent?.reach);
  }

  subshell(): Interpreter {
    return new Interpreter(this.consequences, this.surroundings, this.session, this);
  }

  /** Another shell, which has the exported variables alone. */
  child(argv: readonly Field[]): Interpreter {
    const shell = this.subshell();
    shell.variables.keepExported();
    shell.functions.clear();
    shell.setArguments(argv);
    return shell;
  }

  /** Runs a text as a script. */
  source(script: string, input?: Field[]): Field[] {
    return script.length > MAX_LENGTH ? [UNKNOWN] : this.list(parse(script).commands, input);
  }

  variable(name: string): Field[] | undefined {
    return this.variables.get(name);
  }

  isArray(name: string): boolean {
    return this.variables.isArray(name);
  }

  set(name: string, value: Field[], isArray = false): void {
    this.variables.set(name, this.reach.inDoubt ? [UNKNOWN] : value, isArray);
  }

  export(name: string): void {
    this.variables.export(name);
  }

  define(name: string, body: CommandNode | CompoundList): void {
    this.functions.set(name, body);
  }

  note(ends: readonly End[]): void {
    if (this.reach.inDoubt) return;
    this.consequences.ends.push(
      ...ends.map((end) => ({ ...end, where: [...this.reach.where, ...end.where] })),
    );
  }

  force(forced: Forced): void {
    if (!this.reach.inDoubt) this.consequences.forced.push(forced);
  }

  output(script: ParsedScript): Field[] {
    return inSubshell(this, (inner) => inner.list(script.commands));
  }

  list(statements: readonly Statement[], input?: Field[]): Field[] {
    return this.reach.under([], () =>
      statements.flatMap(({ command, background }) => {
        const since = this.reach.count;
        const printed =
          command.type === "AndOr" ? runAndOr(this, command, input) : this.pipeline(command, input);
        if (background) this.outcome = SUCCESS;
        this.reach.follow(since);
        return printed;
      }),
    );
  }

  pipeline(node: PipelineNode, input?: Field[]): Field[] {
    if (node.type !== "Pipeline") return this.command(node, input);
    let stream = input;
    const [only, ...others] = node.commands;
    if (only && others.length === 0) stream = this.command(only, input);
    else {
      for (const each of node.commands) {
        stream = inSubshell(this, (inner) => (inner as Interpreter).command(each, stream));
      }
    }
    const negations = node.prefixes.filter(({ type }) => type === "Negation");
    if (negations.length % 2 === 1) this.outcome = negated(this.outcome);
    return stream ?? [];
  }

  branch(outcome: Outcome, wanted: boolean, run: () => Field[]): Field[] {
    const conditions = conditionsOf(outcome, wanted);
    if (conditions === "never") return [];
    const printed = this.reach.under(conditions, run);
    if (conditions === "open") this.outcome = OPEN;
    else this.outcome = { ...this.outcome, where: [...conditions, ...this.outcome.where] };
    return printed.map((field) => underConditions(field, conditions));
  }

  private command(node: CommandNode | CompoundList, input?: Field[]): Field[] {
    if (++this.session.steps > MAX_STEPS) return [UNKNOWN];
    if (node.type === "Command") return this.simple(node, input);
    if (node.type === "Coproc") return this.command(node.body, input);
    if (node.type !== "Redirected") return runCompound(this, node, input);
    const printed = this.command(node.command, stdinOf(this, node.redirects, input));
    return noteWritten(this, node.redirects, printed);
  }

  private simple(node: Command, input?: Field[]): Field[] {
    const before = node.prefix.length > 0 ? this.variables.copy() : this.variables;
    for (const one of node.prefix) if (one.type === "Assignment") assign(this, one);
    // `$(< server.pid)` prints the file.
    if (node.name === undefined) {
      noteWritten(this, node.redirects, []);
      return stdinOf(this, node.redirects) ?? [];
    }
    const given = node.prefix.flatMap((one) => (one.type === "Assignment" ? [one.name] : []));
    const args = node.args.flatMap((arg) => {
      if (arg.type === "Word") return expand(arg, this);
      assign(this, arg);
      if (/^(export|declare|typeset)$/.test(node.name?.value ?? "")) this.export(arg.name);
      return [text(arg.text)];
    });
    const argv = [...expand(node.name, this), ...args];
    // `PORT=3000 npm start` sets it for that command alone.
    for (const name of given) this.export(name);
    const output = this.run(argv, stdinOf(this, node.redirects, input));
    const printed = noteWritten(this, node.redirects, output);
    for (const name of given) this.variables.restore(name, before);
    return printed;
  }

  /** Runs a command: a function of the line, or a program. */
  run(argv: readonly Field[], input?: Field[]): Field[] {
    if (++this.session.steps > MAX_STEPS) return [UNKNOWN];
    const [name] = textsOf(argv.slice(0, 1));
    if (this.reach.jump(name)) {
      const [status] = argv.slice(1);
      if (status) this.outcome = exitOutcome(status);
      return [];
    }
    const body = name === undefined ? undefined : this.functions.get(name);
    if (body === undefined) return runProgram(this, argv, input);
    this.setArguments(argv);
    const since = this.reach.count;
    const printed = this.command(body, input);
    if (this.reach.leave("return", since) === "open") this.outcome = OPEN;
    return printed;
  }

  setArguments(argv: readonly Field[]): void {
    this.variables.setArguments(argv);
  }

  read(paths: readonly Field[]): Field[] {
    return paths.map((path) => this.session.files.read(path, this.cwd));
  }

  write(paths: readonly Field[], contents: Field): void {
    for (const path of paths) {
      this.session.files.write(path, this.reach.inDoubt ? UNKNOWN : contents, this.cwd);
    }
  }
}
