import type { Home } from "./home.ts";
import { binary } from "./programs.ts";
import type { Stage } from "./stage.ts";

interface Answer {
  id?: number;
  result?: { structuredContent?: unknown; isError?: boolean };
}

/** A client of one MCP server of its own: JSON-RPC in lines, one request after another. */
export class Client implements AsyncDisposable {
  readonly #server: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  #id = 0;

  private constructor(stage: Stage, { env, cwd }: Home) {
    this.#server = stage.keep(
      Bun.spawn([binary, "mcp-serve"], { env, cwd, stdin: "pipe", stderr: "inherit" }),
    );
    this.#reader = this.#server.stdout.getReader();
  }

  /** Starts a server; it has answered once. */
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
      throw new Error(`Cannot call ${name}: the server answers ${JSON.stringify(result)}`);
    }
    return result.structuredContent as T;
  }

  async request(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    for (;;) {
      const answer = JSON.parse(await this.#line()) as Answer;
      if (answer.id === id) return answer;
    }
  }

  #send(message: object): void {
    void this.#server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    void this.#server.stdin.flush();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("Cannot read from the MCP server: it has ended");
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.exited;
  }
}
