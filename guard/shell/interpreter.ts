import {
  type Command,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  parse,
  type PipelineNode,
  type Statement,
} from "unbash";
import type { Consequences, End, Forced, Target } from "../target.ts";
import { type Flow, inSubshell, runAndOr, runCompound } from "./control.ts";
import { expand, expandQuoted, type Scope } from "./expand.ts";
import { type Field, text, textsOf, UNKNOWN } from "./field.ts";
import { found, negated, OPEN, type Outcome, SUCCESS } from "./outcome.ts";
import { runProgram } from "./programs.ts";
import { stdinOf } from "./redirects.ts";
import { MAX_LENGTH, type Shell, type Surroundings } from "./shell.ts";

/** A line that takes more steps is let through. */
const MAX_STEPS = 3000;

const JUMPS = ["continue", "break", "return", "exit"] as const;

/** A shell, or a subshell of it. */
export class Interpreter implements Shell, Scope, Flow {
  outcome: Outcome = SUCCESS;
  jumped: Flow["jumped"];
  /** `undefined` once a `cd` went to a directory that isn't known. */
  cwd: string | undefined;
  private readonly variables: Map<string, Field[]>;
  private readonly functions: Map<string, CommandNode | CompoundList>;
  /** Whether what runs now may never be reached. */
  private inDoubt: boolean;
  /** Processes that must be there for what runs now to be reached: one of each list. */
  private where: Target[][];

  constructor(
    private readonly consequences: Consequences,
    readonly surroundings: Surroundings,
    private readonly count: { steps: number },
    parent?: Interpreter,
  ) {
    this.variables = new Map(
      parent?.variables ?? Object.entries(surroundings.variables).map(([k, v]) => [k, [text(v)]]),
    );
    this.functions = new Map(parent?.functions);
    this.cwd = parent === undefined ? surroundings.cwd : parent.cwd;
    this.inDoubt = parent?.inDoubt ?? false;
    this.where = parent?.where ?? [];
  }

  subshell(): Interpreter {
    return new Interpreter(this.consequences, this.surroundings, this.count, this);
  }

  /** Runs a text as a script. */
  source(script: string, input?: Field[]): Field[] {
    return script.length > MAX_LENGTH ? [UNKNOWN] : this.list(parse(script).commands, input);
  }

  variable(name: string): Field[] | undefined {
    return this.variables.get(name);
  }

  set(name: string, value: Field[]): void {
    this.variables.set(name, this.inDoubt ? [UNKNOWN] : value);
  }

  define(name: string, body: CommandNode | CompoundList): void {
    this.functions.set(name, body);
  }

  note(ends: readonly End[]): void {
    if (this.inDoubt) return;
    this.consequences.ends.push(...ends.map((end) => ({ ...end, where: this.where })));
  }

  force(forced: Forced): void {
    if (!this.inDoubt) this.consequences.forced.push(forced);
  }

  output(script: ParsedScript): Field[] {
    return inSubshell(this, (inner) => inner.list(script.commands));
  }

  list(statements: readonly Statement[], input?: Field[]): Field[] {
    const before = this.inDoubt;
    const printed = statements.flatMap(({ command, background }) => {
      const result =
        command.type === "AndOr" ? runAndOr(this, command, input) : this.pipeline(command, input);
      if (background) this.outcome = SUCCESS;
      this.inDoubt ||= this.jumped !== undefined;
      return result;
    });
    this.inDoubt = before;
    return printed;
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

  branch({ status, where }: Outcome, wanted: boolean, run: () => Field[]): Field[] {
    // Where the condition holds, this isn't reached.
    if (status === (wanted ? "failure" : "success")) return [];
    const before = [this.inDoubt, this.where] as const;
    if (status === "open") this.inDoubt = true;
    else this.where = [...this.where, ...where];
    const printed = run();
    [this.inDoubt, this.where] = before;
    if (status === "open") this.outcome = OPEN;
    else this.outcome = { ...this.outcome, where: [...where, ...this.outcome.where] };
    return printed;
  }

  private command(node: CommandNode | CompoundList, input?: Field[]): Field[] {
    if (++this.count.steps > MAX_STEPS) return [UNKNOWN];
    if (node.type === "Command") return this.simple(node, input);
    if (node.type === "Coproc") return this.command(node.body, input);
    if (node.type !== "Redirected") return runCompound(this, node, input);
    return this.command(node.command, stdinOf(this, node.redirects, input));
  }

  private simple(node: Command, input?: Field[]): Field[] {
    for (const one of node.prefix) {
      if (one.type !== "Assignment") continue;
      const value =
        one.value.type === "Word"
          ? expandQuoted(one.value, this)
          : one.value.elements.flatMap((word) => expand(word, this));
      this.set(one.name, one.append || one.index ? [UNKNOWN] : value);
      this.outcome = found(value) ?? SUCCESS;
    }
    // `$(< server.pid)` prints the file.
    if (node.name === undefined) return stdinOf(this, node.redirects) ?? [];
    const args = node.args.flatMap((arg) => {
      if (arg.type === "Word") return expand(arg, this);
      if (arg.value.type === "Word") this.set(arg.name, expandQuoted(arg.value, this));
      return [text(arg.text)];
    });
    const argv = [...expand(node.name, this), ...args];
    return this.run(argv, stdinOf(this, node.redirects, input));
  }

  /** Runs a command: a function of the line, or a program. */
  run(argv: readonly Field[], input?: Field[]): Field[] {
    if (++this.count.steps > MAX_STEPS) return [UNKNOWN];
    const [name] = textsOf(argv.slice(0, 1));
    const jump = JUMPS.find((one) => one === name);
    if (jump !== undefined) {
      this.jumped ??= jump;
      return [];
    }
    const body = name === undefined ? undefined : this.functions.get(name);
    if (body === undefined) return runProgram(this, argv, input);
    for (const [i, arg] of argv.entries()) this.set(String(i), [arg]);
    for (const all of ["@", "*"]) this.set(all, argv.slice(1));
    const printed = this.command(body, input);
    if (this.jumped === "return") {
      this.jumped = undefined;
      this.outcome = OPEN;
    }
    return printed;
  }

  /** The contents of files. */
  read(paths: readonly Field[]): Field[] {
    return paths.map((path) => {
      if (path.kind !== "text") return UNKNOWN;
      const isAbsolute = path.text.startsWith("/");
      if (!isAbsolute && this.cwd === undefined) return UNKNOWN;
      const contents = this.surroundings.readFile(
        isAbsolute ? path.text : `${this.cwd}/${path.text}`,
      );
      return contents === undefined ? UNKNOWN : text(contents);
    });
  }
}
