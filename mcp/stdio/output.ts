import { write } from "node:fs";
import { SystemError } from "../../native/errno.ts";

/** Bytes of one write: what a pipe on Linux holds. */
const CHUNK = 64 * 1024;
/** Milliseconds until a write to a non-blocking descriptor is tried again. */
const RETRY = 5;

/**
 * Standard output, written in order by a thread of its own, so that a reader that has stopped doesn't block the event
 * loop. Bun's own writer would make the descriptor non-blocking, for every process that shares it.
 */
export class Output {
  #queue: Promise<void> = Promise.resolve();
  /** Bytes that are still to be written. */
  pending = 0;

  /** `timeout`: milliseconds without any progress after which writing fails. */
  constructor(readonly timeout: number) {}

  /** Writes a text after all texts before it. Throws a SystemError: EPIPE if it has no reader, ETIMEDOUT. */
  async write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    this.pending += bytes.length;
    this.#queue = this.#queue.then(() => this.#writeAll(bytes));
    await this.#queue;
  }

  /** Resolves once everything is written. */
  drain(): Promise<void> {
    return this.#queue;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const count = await this.#writeSome(rest.subarray(0, CHUNK));
      rest = rest.subarray(count);
      this.pending -= count;
    }
  }

  #writeSome(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const fail = (code: string) => reject(new SystemError(code, "write"));
    const timer = setTimeout(() => fail("ETIMEDOUT"), this.timeout);
    const attempt = () =>
      write(1, bytes, 0, bytes.length, null, (error, count) => {
        if (error?.code === "EAGAIN") return setTimeout(attempt, RETRY);
        clearTimeout(timer);
        return error ? fail(error.code ?? "EIO") : resolve(count);
      });
    attempt();
    return promise;
  }
}
