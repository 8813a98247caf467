import { until, type World } from "./harness.ts";

/** A program in a terminal of its own, as a person has it, in whose foreground it runs. */
export class Terminal implements AsyncDisposable {
  #shown = "";
  readonly #closed = Promise.withResolvers<void>();
  readonly child: Bun.Subprocess;

  constructor({ cwd, env }: World, command: string[], columns = 200) {
    const decoder = new TextDecoder();
    this.child = Bun.spawn(command, {
      cwd,
      env: { TERM: "dumb", ...env },
      terminal: {
        cols: columns,
        rows: 50,
        exit: () => this.#closed.resolve(),
        data: (_, bytes) => void (this.#shown += decoder.decode(bytes, { stream: true })),
      },
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Types a line. */
  enter(line: string): void {
    this.child.terminal?.write(`${line}\n`);
  }

  pressCtrlC(): void {
    this.child.terminal?.write("\u0003");
  }

  /** Waits until a text is shown; returns all that was shown. */
  async shows(text: string | RegExp): Promise<string> {
    await until(`the terminal shows ${text}`, () => this.#shown.match(text) !== null);
    return this.#shown;
  }

  /** Waits until the program exits; returns all that was shown. */
  async all(): Promise<string> {
    await this.#closed.promise;
    return this.#shown.replaceAll("\r\n", "\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    this.child.terminal?.close();
  }
}
