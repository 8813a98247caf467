import type { Scene } from "./shell-sandbox.ts";

/** A program in a terminal of its own, as a person has it. */
export class Terminal {
  readonly #child: Bun.Subprocess;
  #screen = "";

  constructor(scene: Scene, argv: string[]) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn(argv, {
      cwd: scene.cwd,
      env: { ...scene.env, TERM: "dumb" },
      terminal: {
        data: (_, bytes) => {
          this.#screen += decoder.decode(bytes, { stream: true });
        },
      },
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** All that it showed, for a test that fails. */
  get screen(): string {
    return this.#screen;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.terminal?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}
