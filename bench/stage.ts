import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";

/** A temporary directory and background programs; all of it ends with the benchmark. */
export class Stage implements Disposable {
  readonly folder = mkdtempSync(`${realpathSync(tmpdir())}/portclaim-bench-`);
  /** Notes for the reader about what could not be measured. */
  readonly notes: string[] = [];
  readonly #children = new Set<Bun.Subprocess>();
  /** Running processes, as owners of claims. */
  readonly owners = Array.from(
    { length: 5 },
    () => this.keep(Bun.spawn(["cat"], { stdin: "pipe" })).pid,
  );

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        this[Symbol.dispose]();
        process.exit(128 + constants.signals[signal]);
      });
    }
  }

  /** Kills a program with the stage if it still runs. */
  keep<Child extends Bun.Subprocess>(child: Child): Child {
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    return child;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
