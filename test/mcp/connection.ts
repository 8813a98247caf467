import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  ListRootsRequestSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { BINARY, ROOT, SOURCE, World } from "../harness.ts";

/** The server from source, as the npm package's entry, and as the built binary. */
export const SERVERS = {
  source: [...SOURCE, "mcp-serve"],
  package: [join(ROOT, "dist/cli.js"), "mcp-serve"],
  binary: [BINARY, "mcp-serve"],
} as const;

/** Milliseconds for a test that starts many processes, or waits for what nothing announces. */
export const PATIENT = 60_000;

export const TOOLS = ["acquire", "release", "find", "list", "reap"].map(
  (one) => `portclaim_${one}`,
);

/** A world whose ports are not another test's, and where `#!/usr/bin/env bun` finds this bun. */
export class McpWorld extends World {
  readonly first = 10_000 + 40 * Math.floor(Math.random() * 500);

  constructor(env: Record<string, string> = {}) {
    super(env);
    Bun.spawnSync(["mkdir", "-p", "-m", "700", this.path("bin"), this.home]);
    symlinkSync(process.execPath, this.path("bin/bun"));
    this.env["PATH"] = `${this.path("bin")}:${this.env["PATH"]}`;
    this.configure(`[pool]\nrange = "${this.first}-${this.first + 39}"\n`);
  }

  configure(text: string): void {
    Bun.spawnSync(["tee", join(this.home, "config.toml")], { stdin: Buffer.from(text) });
  }
}

export interface Answer {
  /** What the tool returned, with `isError` where that was set. */
  data: Record<string, any>;
  isError: boolean;
  text: string;
}

interface Options {
  name?: string;
  /** The folders that the client says it works in; none: it has no roots to tell. */
  roots?: string[];
  command?: readonly string[];
  cwd?: string;
}

/** A client of the SDK's own with a server that it started. */
export class Connection implements AsyncDisposable {
  readonly updates: string[] = [];

  private constructor(
    readonly client: Client,
    readonly transport: StdioClientTransport,
    readonly roots: string[],
  ) {}

  static async open(world: World, options: Options = {}): Promise<Connection> {
    const { name = "test-agent", roots, command = SERVERS.binary, cwd = world.cwd } = options;
    const [program = "", ...args] = command;
    const capabilities = roots ? { roots: { listChanged: true } } : {};
    const client = new Client({ name, version: "1.0.0" }, { capabilities });
    const transport = new StdioClientTransport({
      command: program,
      args,
      cwd,
      env: world.env,
      stderr: "pipe",
    });
    const connection = new Connection(client, transport, roots ?? []);
    if (roots) {
      client.setRequestHandler(ListRootsRequestSchema, () => ({
        roots: connection.roots.map((path) => ({ uri: Bun.pathToFileURL(path).href })),
      }));
    }
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      connection.updates.push(params.uri);
    });
    await client.connect(transport);
    return connection;
  }

  async call(tool: string, args: Record<string, unknown> = {}): Promise<Answer> {
    const result = await this.client.callTool({ name: `portclaim_${tool}`, arguments: args });
    const [content] = result.content as [{ text: string }];
    return {
      data: result.structuredContent as Answer["data"],
      isError: result.isError === true,
      text: content.text,
    };
  }

  async acquire(args: Record<string, unknown>): Promise<number> {
    const { data, isError } = await this.call("acquire", args);
    if (isError) throw new Error(data["error"].message);
    return data["port"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
