import type { Home } from "./home.ts";
import { Lines } from "./lines.ts";
import { binary } from "./programs.ts";
import type { Stage } from "./stage.ts";

interface Answer {
  id?: number;
  result?: { structuredContent?: unknown; isError?: boolean };
}

/** A client with its own MCP server: JSON-RPC by lines, one request after another. */
export class Client implements AsyncDisposable {
  readonly #server: Lines;
  #id = 0;

  private constructor(stage: Stage, home: Home) {
    this.#server = new Lines(stage, home, [binary, "mcp-serve"]);
  }

  /** Starts a server and waits for its first response. */
  static async start(stage: Stage, home: Home): Promise<Client> {
    const client = new Client(stage, home);
    const clientInfo = { name: "bench", version: "1" };
    await client.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo,
    });
    client.#send({ method: "notifications/initialized" });
    return client;
  }

  get pid(): number {
    return this.#server.pid;
  }

  async ping(): Promise<void> {
    await this.request("ping");
  }

  async acquire(service: string): Promise<number> {
    return (await this.#call<{ port: number }>("portclaim_acquire", { service })).port;
  }

  async release(port: number): Promise<void> {
    await this.#call("portclaim_release", { port });
  }

  async #call<T>(name: string, values: object): Promise<T> {
    const { result } = await this.request("tools/call", { name, arguments: values });
    if (result?.structuredContent === undefined || result.isError) {
      throw new Error(`${name} failed: ${JSON.stringify(result)}`);
    }
    return result.structuredContent as T;
  }

  async request(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    for (;;) {
      const answer = JSON.parse(await this.#server.next()) as Answer;
      if (answer.id === id) return answer;
    }
  }

  #send(message: object): void {
    this.#server.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
