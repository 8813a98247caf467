import { type CommandNode, type CompoundList, type ParsedScript, parse } from "unbash";
import { runCompound } from "./language/control.ts";
import { type Flow, inSubshell, runList } from "./language/flow.ts";
import { Reach } from "./language/reach.ts";
import { noteWritten, stdinOf } from "./language/redirects.ts";
import { runSimple } from "./language/simple-command.ts";
import { Variables } from "./language/variables.ts";
import type { Consequences, End, Forced } from "./model/consequences.ts";
import { type Field, textsOf, UNKNOWN } from "./model/field.ts";
import { exitOutcome, OPEN, type Outcome, SUCCESS } from "./model/outcome.ts";
import { MAX_LENGTH, type Surroundings } from "./model/shell.ts";
import { runProgram } from "./run-program.ts";
import type { Session } from "./session.ts";

/** A line that takes more steps is let through. */
const MAX_STEPS = 3000;

/** A shell, or a subshell of it. */
export class Interpreter implements Flow {
  outcome: Outcome = SUCCESS;
  readonly reach: Reach;
  /** `undefined` once a `cd` went to a directory that isn't known. */
  cwd: string | undefined;
  readonly variables: Variables;
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
    return script.length > MAX_LENGTH ? [UNKNOWN] : runList(this, parse(script).commands, input);
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
    return inSubshell(this, (inner) => runList(inner, script.commands));
  }

  command(node: CommandNode | CompoundList, input?: Field[]): Field[] {
    if (++this.session.steps > MAX_STEPS) return [UNKNOWN];
    if (node.type === "Command") return runSimple(this, node, input);
    if (node.type === "Coproc") return this.command(node.body, input);
    if (node.type !== "Redirected") return runCompound(this, node, input);
    const printed = this.command(node.command, stdinOf(this, node.redirects, input));
    return noteWritten(this, node.redirects, printed);
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
