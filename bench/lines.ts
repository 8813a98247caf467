import type { Home } from "./home.ts";
import type { Stage } from "./stage.ts";

/** A program that answers each line on stdin with lines on stdout. */
export class Lines implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(stage: Stage, { env, cwd }: Home, command: string[]) {
    this.#child = stage.keep(Bun.spawn(command, { env, cwd, stdin: "pipe", stderr: "inherit" }));
    this.#reader = this.#child.stdout.getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  send(line: string): void {
    void this.#child.stdin.write(`${line}\n`);
    void this.#child.stdin.flush();
  }

  async next(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`process ${this.pid} exited`);
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
  }
}
