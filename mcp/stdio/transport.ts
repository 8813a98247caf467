import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ErrorCode, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { linesOf, LONGEST_LINE } from "./lines.ts";
import { parseMessage, type Refusal } from "./message.ts";
import type { Output } from "./output.ts";

/** Bytes that may wait to be written before no more requests are read. */
const MOST_PENDING = 10 * 1024 * 1024;

const TOO_LONG: Refusal = {
  error: {
    code: ErrorCode.InvalidRequest,
    message: `message is longer than ${LONGEST_LINE} bytes`,
  },
  id: null,
};

/**
 * MCP over standard input and output. Unlike the SDK's own transport, it reports when the client disconnects, and
 * when every request has its response, so that the process can end without losing one.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  /** Resolves at the end of the input; rejects if the output can't be written. */
  readonly finished: Promise<void>;
  /** Whether writing has failed. */
  isBroken = false;
  readonly #pending = new Set<unknown>();
  readonly #end = Promise.withResolvers<void>();
  #onAnswered: (() => void) | undefined;

  constructor(
    readonly input: AsyncIterable<Uint8Array>,
    readonly output: Output,
  ) {
    this.finished = this.#end.promise;
  }

  async start(): Promise<void> {
    this.#read().then(this.#end.resolve, this.#end.reject);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#write(message);
    if (!("method" in message)) this.#settle(message.id);
  }

  async close(): Promise<void> {
    this.onclose?.();
  }

  /** Resolves once every request has its response. */
  async answered(): Promise<void> {
    if (this.#pending.size === 0) return;
    await new Promise<void>((done) => (this.#onAnswered = done));
  }

  async #write(message: object): Promise<void> {
    try {
      await this.output.write(`${JSON.stringify(message)}\n`);
    } catch (error) {
      this.isBroken = true;
      this.#end.reject(error);
      throw error;
    }
  }

  async #read(): Promise<void> {
    for await (const line of linesOf(this.input)) {
      if (line === undefined) this.#refuse(TOO_LONG);
      else if (line.trim() !== "") this.#receive(line);
      if (this.output.pending > MOST_PENDING) await this.output.drain();
    }
  }

  #receive(line: string): void {
    const parsed = parseMessage(line);
    if ("error" in parsed) return this.#refuse(parsed);
    this.#note(parsed.message);
    this.onmessage?.(parsed.message);
  }

  #note(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) this.#pending.add(message.id);
    // A canceled request gets no response: the MCP specification, basic/utilities/cancellation.
    else if (message.method === "notifications/cancelled")
      this.#settle(message.params?.["requestId"]);
  }

  #settle(id: unknown): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#onAnswered?.();
  }

  #refuse(refusal: Refusal): void {
    // If it fails, `finished` rejects.
    this.#write({ jsonrpc: "2.0", ...refusal }).catch(() => {});
  }
}
