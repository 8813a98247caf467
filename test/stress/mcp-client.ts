import { PORTCLAIM } from "../harness.ts";
import { type Client, type Granted, Unexpected } from "./client.ts";
import { LineProcess } from "./line-process.ts";

const HELLO = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: {
      name: "stress",
      version: "1",
    },
  },
};

interface Result {
  ok: boolean;
  port?: number;
  released?: unknown[];
  claims?: { port: number }[];
  error?: { code: string };
}

/** The MCP server; the claims it makes are this process's, which is the agent that started it. */
export class McpClient implements Client {
  readonly name = "mcp";
  readonly ownsClaims = false;
  readonly #process = new LineProcess([...PORTCLAIM, "mcp-serve"], HELLO);
  #calls = 0;

  constructor(readonly project: string) {}

  async acquire(service: string, prefer: number | undefined, dies: number | undefined) {
    const wish = prefer === undefined ? {} : { prefer };
    const input = { service, project: this.project, ...wish };
    const result = await this.#call("portclaim_acquire", input, dies);
    if (result === undefined) return "killed";
    if (result.error?.code === "range-exhausted") return "none";
    if (result.ok && result.port !== undefined) return result.port as Granted;
    throw new Unexpected(`portclaim_acquire: ${JSON.stringify(result)}`);
  }

  async release(port: number, dies: number | undefined) {
    const result = await this.#call("portclaim_release", { port }, dies);
    if (result === undefined) return "killed";
    if (result.released?.length === 1) return "done" as const;
    throw new Unexpected(`portclaim_release ${port}: ${JSON.stringify(result)}`);
  }

  async list(): Promise<number[]> {
    const result = await this.#call("portclaim_list", {}, undefined);
    if (result?.claims) return result.claims.map(({ port }) => port);
    throw new Unexpected(`portclaim_list: ${JSON.stringify(result)}`);
  }

  async #call(name: string, args: object, dies: number | undefined): Promise<Result | undefined> {
    const id = ++this.#calls;
    const params = { name, arguments: args };
    const message = { jsonrpc: "2.0", id, method: "tools/call", params };
    const answer = await this.#process.ask(message, dies);
    if (answer === undefined) return undefined;
    const result = answer["result"] as { structuredContent?: Result } | undefined;
    if (answer["id"] !== id || !result?.structuredContent) {
      throw new Unexpected(`${name}: ${JSON.stringify(answer)}`);
    }
    return result.structuredContent;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
