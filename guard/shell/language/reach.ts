import type { Condition } from "../model/consequences.ts";
import { opposite } from "../model/outcome.ts";

/** What may leave a list, a loop, a function or a shell before its end. */
const JUMPS = ["continue", "break", "return", "exit"] as const;

export interface Jump {
  kind: (typeof JUMPS)[number];
  /** The conditions under which it is made. */
  where: readonly Condition[];
  inDoubt: boolean;
}

/** Whether what a shell runs now is reached, and where. */
export class Reach {
  /** Whether it may never be reached. */
  inDoubt: boolean;
  /** What must hold for it to be reached. */
  where: readonly Condition[];
  private readonly jumps: Jump[] = [];

  constructor(parent?: Reach) {
    this.inDoubt = parent?.inDoubt ?? false;
    this.where = parent?.where ?? [];
  }

  /** How many jumps there were. */
  get count(): number {
    return this.jumps.length;
  }

  /** Runs something under more conditions. */
  under<T>(conditions: readonly Condition[] | "open", run: () => T): T {
    const before = [this.inDoubt, this.where] as const;
    if (conditions === "open") this.inDoubt = true;
    else this.where = [...this.where, ...conditions];
    const result = run();
    [this.inDoubt, this.where] = before;
    return result;
  }

  /** Notes a jump, if the name is of one. */
  jump(name: string | undefined): boolean {
    const kind = JUMPS.find((one) => one === name);
    if (kind) this.jumps.push({ kind, where: this.where, inDoubt: this.inDoubt });
    return kind !== undefined;
  }

  /**
   * Takes out the jumps of a kind since there were so many, whose effect ends here. "certain": there
   * was one, under no further condition.
   */
  leave(kind: Jump["kind"], since: number): "none" | "certain" | "open" {
    const jumps = this.jumps.splice(since);
    this.jumps.push(...jumps.filter((jump) => jump.kind !== kind));
    if (jumps.length + since === this.jumps.length) return "none";
    return jumps.every(({ inDoubt, where }) => !inDoubt && where.length === this.where.length)
      ? "certain"
      : "open";
  }

  /** Restricts what runs next to where none of the jumps was made. */
  follow(since: number): void {
    for (const { where, inDoubt } of this.jumps.slice(since)) {
      const [only, ...others] = where.slice(this.where.length);
      if (inDoubt || !only || others.length > 0) this.inDoubt = true;
      else this.where = [...this.where, opposite(only)];
    }
  }
}
