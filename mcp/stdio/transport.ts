import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { linesOf, LONGEST_LINE } from "./lines.ts";
import type { Output } from "./output.ts";

/** Bytes that may wait to be written before no more requests are read. */
const MOST_PENDING = 10 * 1024 * 1024;

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
      if (line === undefined)
        this.#refuse(ErrorCode.InvalidRequest, `longer than ${LONGEST_LINE} bytes`);
      else if (line.trim() !== "") this.#receive(line);
      if (this.output.pending > MOST_PENDING) await this.output.drain();
    }
  }

  #receive(line: string): void {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      return this.#refuse(ErrorCode.ParseError, (error as Error).message);
    }
    const { success, data } = JSONRPCMessageSchema.safeParse(json);
    if (!success)
      return this.#refuse(ErrorCode.InvalidRequest, "not a JSON-RPC 2.0 message", idOf(json));
    this.#note(data);
    this.onmessage?.(data);
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

  #refuse(code: ErrorCode, problem: string, id: string | number | null = null): void {
    const error = { code, message: `invalid message: ${problem}` };
    // If it fails, `finished` rejects.
    this.#write({ jsonrpc: "2.0", id, error }).catch(() => {});
  }
}

/** The id of an invalid message, if it has one to respond to. */
function idOf(json: unknown): string | number | null {
  const id = (json as { id?: unknown } | null)?.id;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
