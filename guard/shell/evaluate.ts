import {
  type Command,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  parse,
  type PipelineNode,
  type Redirection,
  type Statement,
  type Word,
} from "unbash";
import type { Consequences } from "../target.ts";
import { countedLoop } from "./arithmetic.ts";
import { expand, expandQuoted, type Scope } from "./expand.ts";
import { type Field, split, text, textsOf, UNKNOWN } from "./field.ts";
import { runProgram } from "./programs.ts";
import type { Shell, Surroundings } from "./shell.ts";

/** Characters. Longer lines, and those that take more steps, are let through unread. */
const MAX_LENGTH = 20_000;
const MAX_STEPS = 3000;
const MAX_LOOPS = 200;

/** Works out what a command line would end, without running anything. */
export function evaluate(line: string, surroundings: Surroundings): Consequences {
  const found: Consequences = { ends: [], forced: [] };
  if (line.length > MAX_LENGTH) return found;
  new Interpreter(found, surroundings, { steps: 0 }).source(line);
  return found;
}

/** A shell, or a subshell of it. It runs every branch, as any may be taken. */
class Interpreter implements Shell, Scope {
  private readonly variables: Map<string, Field[]>;
  private readonly functions: Map<string, CommandNode | CompoundList>;
  /** `undefined` once a `cd` went to a directory that isn't known. */
  cwd: string | undefined;

  constructor(
    readonly found: Consequences,
    readonly surroundings: Surroundings,
    private readonly count: { steps: number },
    parent?: Interpreter,
  ) {
    this.variables = new Map(
      parent?.variables ?? Object.entries(surroundings.variables).map(([k, v]) => [k, [text(v)]]),
    );
    this.functions = new Map(parent?.functions);
    this.cwd = parent === undefined ? surroundings.cwd : parent.cwd;
  }

  subshell(): Interpreter {
    return new Interpreter(this.found, this.surroundings, this.count, this);
  }

  /** Runs a text as a script. */
  source(script: string, input?: Field[]): Field[] {
    return script.length > MAX_LENGTH ? [UNKNOWN] : this.list(parse(script).commands, input);
  }

  variable(name: string): Field[] | undefined {
    return this.variables.get(name);
  }

  set(name: string, value: Field[]): void {
    this.variables.set(name, value);
  }

  output(script: ParsedScript): Field[] {
    return this.subshell().list(script.commands);
  }

  /** What a list of commands prints. */
  private list(statements: readonly Statement[], input?: Field[]): Field[] {
    return statements.flatMap(({ command }) =>
      command.type === "AndOr"
        ? command.commands.flatMap((each) => this.pipeline(each, input))
        : this.pipeline(command, input),
    );
  }

  private pipeline(node: PipelineNode, input?: Field[]): Field[] {
    if (node.type !== "Pipeline") return this.command(node, input);
    let stream = input;
    for (const each of node.commands) stream = this.subshell().command(each, stream);
    return stream ?? [];
  }

  private command(node: CommandNode | CompoundList, input?: Field[]): Field[] {
    if (++this.count.steps > MAX_STEPS) return [UNKNOWN];
    switch (node.type) {
      case "Command":
        return this.simple(node, input);
      case "Redirected":
        return this.command(node.command, this.redirected(node.redirects, input));
      case "Function":
        this.functions.set(node.name.value, node.body);
        return [];
      case "CompoundList":
        return this.list(node.commands, input);
      case "ArithmeticFor": {
        const loop = countedLoop(node, this);
        if (loop === undefined) return this.list(node.body.commands, input);
        const count = Math.min(Math.max(0, loop.last - loop.first + 1), MAX_LOOPS);
        const values = Array.from({ length: count }, (_, i) => text(String(loop.first + i)));
        return this.loop(loop.name, values, node.body);
      }
      case "BraceGroup":
        return this.list(node.body.commands, input);
      case "Subshell":
        return this.subshell().list(node.body.commands, input);
      case "If":
        return [
          node.clause,
          node.then,
          ...node.elif.flatMap((one) => [one.clause, one.then]),
          node.else,
        ]
          .filter((branch) => branch !== undefined)
          .flatMap((branch) => this.list(branch.commands, input));
      case "For":
      case "Select":
        return this.loop(
          node.name.value,
          node.wordlist?.flatMap((word) => expand(word, this)) ?? [],
          node.body,
        );
      case "While":
        return this.whileLoop(node.clause, node.body, input);
      case "Case":
        return node.items.flatMap(({ body }) => this.list(body.commands, input));
      case "Coproc":
        return this.command(node.body, input);
      default:
        return [];
    }
  }

  private loop(name: string, values: readonly Field[], body: CompoundList): Field[] {
    return values.slice(0, MAX_LOOPS).flatMap((value) => {
      this.set(name, [value]);
      return this.list(body.commands);
    });
  }

  /** `while read pid; do kill $pid; done` reads the ids from its input. */
  private whileLoop(clause: CompoundList, body: CompoundList, input?: Field[]): Field[] {
    const [first] = clause.commands;
    const reads = first?.command.type === "Command" && first.command.name?.value === "read";
    if (!reads || input === undefined) {
      return [...this.list(clause.commands, input), ...this.list(body.commands, input)];
    }
    const names = (first.command as Command).args.flatMap((word) =>
      word.type === "Word" && !word.value.startsWith("-") ? [word.value] : [],
    );
    return split(input)
      .slice(0, MAX_LOOPS)
      .flatMap((value) => {
        for (const name of names) this.set(name, [value]);
        return this.list(body.commands);
      });
  }

  private simple(node: Command, input?: Field[]): Field[] {
    for (const one of node.prefix) {
      if (one.type !== "Assignment") continue;
      const value =
        one.value.type === "Word"
          ? expandQuoted(one.value, this)
          : one.value.elements.flatMap((word) => expand(word, this));
      this.set(one.name, value);
    }
    // `$(< server.pid)` prints the file.
    if (node.name === undefined) return this.redirected(node.redirects) ?? [];
    const args = node.args.flatMap((arg) => {
      if (arg.type === "Word") return expand(arg, this);
      if (arg.value.type === "Word") this.set(arg.name, expandQuoted(arg.value, this));
      return [text(arg.text)];
    });
    const argv = [...expand(node.name, this), ...args];
    return this.run(argv, this.redirected(node.redirects, input));
  }

  /** Runs a command: a function of the line, or a program. */
  run(argv: readonly Field[], input?: Field[]): Field[] {
    if (++this.count.steps > MAX_STEPS) return [UNKNOWN];
    const [name] = textsOf(argv.slice(0, 1));
    const body = name === undefined ? undefined : this.functions.get(name);
    if (body === undefined) return runProgram(this, argv, input);
    for (const [i, arg] of argv.entries()) this.set(String(i), [arg]);
    for (const all of ["@", "*"]) this.set(all, argv.slice(1));
    return this.command(body, input);
  }

  /** What a command reads on stdin. */
  private redirected(redirects: readonly Redirection[], input?: Field[]): Field[] | undefined {
    let stdin = input;
    for (const one of redirects) {
      if (one.type === "HereDoc") stdin = [text(one.body.text)];
      else if (one.type === "HereString") stdin = one.target && expandQuoted(one.target, this);
      else if (one.operator === "<" && one.target) stdin = this.opened(one.target);
    }
    return stdin;
  }

  /** What is read from a file, or from `<(COMMAND)`. */
  private opened(target: Word): Field[] {
    const part = target.parts?.length === 1 ? target.parts[0] : undefined;
    if (part?.type !== "ProcessSubstitution") return this.read(expand(target, this));
    return part.script ? this.output(part.script) : [UNKNOWN];
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
