import { kill } from "../processes.ts";
import { killIn, Unexpected } from "./client.ts";

type Message = Record<string, unknown>;

/**
 * A process that answers each line of JSON on stdin by one on stdout; started when it is needed, and killed with what
 * it started: the library on Node calls the program.
 */
export class LineProcess implements AsyncDisposable {
  #child: Bun.Subprocess<"pipe", "pipe", "ignore"> | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(
    readonly command: readonly string[],
    /** What is said first to each new process; its answer is awaited and dropped. */
    readonly hello?: Message,
  ) {}

  /** Asks, and returns the answer; `undefined` if the process was killed before it answered. */
  async ask(message: Message, dies: number | undefined): Promise<Message | undefined> {
    const child = this.#child ?? (await this.#start());
    const callOff = killIn(-child.pid, dies);
    const answer = await this.#say(child, message);
    callOff();
    // One that was quicker than its death dies all the same.
    if (dies !== undefined || answer === undefined) await this.kill();
    if (answer === undefined && dies === undefined)
      throw new Unexpected("the process ended by itself");
    return answer;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    kill(-child.pid);
    await child.exited;
  }

  async #start() {
    const stdio = ["pipe", "pipe", "ignore"] as const;
    const child = Bun.spawn([...this.command], { stdio: [...stdio], detached: true });
    this.#child = child;
    this.#lines = linesOf(child.stdout);
    if (this.hello) await this.#say(child, this.hello);
    return child;
  }

  async #say(child: Bun.Subprocess<"pipe", "pipe", "ignore">, message: Message) {
    try {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      await child.stdin.flush();
    } catch {
      return undefined;
    }
    const line = await this.#lines?.next();
    return line === undefined || line.done ? undefined : (JSON.parse(line.value) as Message);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1))
      yield text.slice(0, end);
  }
  return undefined;
}
