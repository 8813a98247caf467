import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { linesOf, LONGEST_LINE } from "./lines.ts";

/** Codes of JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

type Schema = typeof JSONRPCMessageSchema;

/**
 * MCP over standard input and output. Unlike the SDK's own, it tells when the client is gone, has
 * every request answered before that, and writes so that nothing is lost when the process ends.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  /** Resolves when the client sends no more; rejects when it can't be written to. */
  readonly finished: Promise<void>;
  /** Nothing can be written any more. */
  isBroken = false;
  readonly #open = new Set<unknown>();
  readonly #end = Promise.withResolvers<void>();
  #answered: (() => void) | undefined;

  constructor(
    readonly input: AsyncIterable<Uint8Array>,
    readonly write: (text: string) => void,
  ) {
    this.finished = this.#end.promise;
  }

  async start(): Promise<void> {
    // Here, because this file is loaded before it is known that anything of the SDK is needed.
    const { JSONRPCMessageSchema } = await import("@modelcontextprotocol/sdk/types.js");
    this.#read(JSONRPCMessageSchema).then(this.#end.resolve, this.#end.reject);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#print(message);
    if ("method" in message) return;
    this.#open.delete(message.id);
    this.#settle();
  }

  async close(): Promise<void> {
    this.onclose?.();
  }

  /** Resolves once every request has its answer. */
  async answered(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((done) => (this.#answered = done));
  }

  #print(message: object): void {
    try {
      this.write(`${JSON.stringify(message)}\n`);
    } catch (error) {
      this.isBroken = true;
      this.#end.reject(error);
      throw error;
    }
  }

  async #read(schema: Schema): Promise<void> {
    for await (const line of linesOf(this.input)) {
      if (line === undefined) this.#complain(INVALID_REQUEST, `over ${LONGEST_LINE} bytes`);
      else if (line.trim() !== "") this.#receive(line, schema);
    }
  }

  #receive(line: string, schema: Schema): void {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      return this.#complain(PARSE_ERROR, (error as Error).message);
    }
    const { success, data } = schema.safeParse(json);
    if (!success) return this.#complain(INVALID_REQUEST, "not a JSON-RPC 2.0 message", idOf(json));
    this.#note(data);
    this.onmessage?.(data);
  }

  #note(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) this.#open.add(message.id);
    else if (message.method === "notifications/cancelled") {
      // It is owed no answer any more: the specification, basic/utilities/cancellation.
      this.#open.delete(message.params?.["requestId"]);
      this.#settle();
    }
  }

  #settle(): void {
    if (this.#open.size === 0) this.#answered?.();
  }

  #complain(code: number, problem: string, id: string | number | null = null): void {
    this.#print({ jsonrpc: "2.0", id, error: { code, message: `Cannot read: ${problem}` } });
  }
}

/** The id of something that is no valid message, where it has one to be answered by. */
function idOf(json: unknown): string | number | null {
  const id = (json as { id?: unknown } | null)?.id;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
