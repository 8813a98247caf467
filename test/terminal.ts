import type { World } from "./harness.ts";
import { until } from "./harness.ts";

/** A program that runs in a terminal of its own, leading its foreground group. */
export class Terminal implements AsyncDisposable {
  #shown = "";
  readonly child: Bun.Subprocess;

  constructor(world: World, command: string[], options: { cwd?: string } = {}) {
    const data = (_: unknown, bytes: Uint8Array) => void (this.#shown += Buffer.from(bytes));
    this.child = Bun.spawn(command, {
      cwd: world.cwd,
      env: { ...world.env, TERM: "dumb" },
      ...options,
      terminal: { cols: 200, rows: 50, data },
    });
  }

  /** What a person would type. */
  type(text: string): void {
    this.child.terminal?.write(text);
  }

  pressCtrlC(): void {
    this.type("\u0003");
  }

  /** Waits until a text is shown; returns all that was shown. */
  async shows(text: string | RegExp): Promise<string> {
    await until(`the terminal shows ${text}`, () => this.#shown.match(text) !== null);
    return this.#shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    this.child.terminal?.close();
  }
}
