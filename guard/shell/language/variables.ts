import { type Field, text, UNKNOWN } from "../model/field.ts";

/** The variables of a shell. */
export class Variables {
  private constructor(
    private readonly values: Map<string, Field[]>,
    private readonly arrays: Set<string>,
    private readonly exported: Set<string>,
  ) {}

  /** Those of the environment. */
  static of(variables: Record<string, string>): Variables {
    const values = Object.entries(variables).map(([name, value]): [string, Field[]] => [
      name,
      [text(value)],
    ]);
    return new Variables(new Map(values), new Set(), new Set(Object.keys(variables)));
  }

  copy(): Variables {
    return new Variables(new Map(this.values), new Set(this.arrays), new Set(this.exported));
  }

  get(name: string): Field[] | undefined {
    return this.values.get(name);
  }

  isArray(name: string): boolean {
    return this.arrays.has(name);
  }

  set(name: string, value: Field[], isArray = false): void {
    this.values.set(name, value);
    if (isArray) this.arrays.add(name);
    else this.arrays.delete(name);
  }

  export(name: string): void {
    this.exported.add(name);
  }

  /** Sets `$0`, `$1`, `$@` and so on. */
  setArguments(argv: readonly Field[]): void {
    const [, ...args] = argv;
    for (const [i, arg] of argv.entries()) this.set(String(i), [arg]);
    for (const all of ["@", "*"]) this.set(all, args);
    const isKnown = args.every(({ kind }) => kind === "text");
    this.set("#", [isKnown ? text(String(args.length)) : UNKNOWN]);
  }

  /** Gives a variable the value that it had before; what isn't known of it, it hasn't got. */
  restore(name: string, before: Variables): void {
    const value = before.get(name);
    if (value === undefined) this.values.delete(name);
    else this.set(name, value, before.isArray(name));
    if (!before.exported.has(name)) this.exported.delete(name);
  }

  /** Leaves only what another shell gets, whose parent is this one. */
  keepExported(): void {
    this.values.delete("PPID");
    for (const name of this.values.keys()) {
      if (!this.exported.has(name) || this.arrays.has(name)) this.values.delete(name);
    }
    this.arrays.clear();
  }
}
