import { until } from "../harness.ts";
import { type McpWorld, SERVERS } from "./connection.ts";

export const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  },
};

/** A call of a tool as a JSON-RPC request. */
export const call = (id: number | string, tool: string, args: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: `portclaim_${tool}`, arguments: args },
});

/** Messages as the lines that a client sends. */
export const lines = (...messages: (object | string)[]) =>
  messages.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join("");

/** The messages that a server printed. */
export const read = (out: string): any[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** A server that is sent raw lines. */
export class RawServer {
  readonly child;
  #text = "";

  constructor(world: McpWorld, command: readonly string[] = SERVERS.binary) {
    this.child = world.spawn([...command]);
    void this.#collect();
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stdout as unknown as AsyncIterable<Uint8Array>)
      this.#text += decoder.decode(chunk, { stream: true });
  }

  async send(...messages: (object | string)[]): Promise<void> {
    this.child.stdin.write(lines(...messages));
    await this.child.stdin.flush();
  }

  /** Every answer so far. Throws if anything but JSON was printed. */
  get answers(): any[] {
    return read(this.#text.slice(0, this.#text.lastIndexOf("\n") + 1));
  }

  async answer(id: number | string | null): Promise<any> {
    return await until(`there is an answer to ${id}`, () =>
      this.answers.find((one) => one.id === id),
    );
  }
}

/** The port that an acquire returned. */
export const portOf = (answer: any): number => answer.result.structuredContent.port;
