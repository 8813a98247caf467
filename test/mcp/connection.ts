import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  ListRootsRequestSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { BINARY, PORTCLAIM, ROOT, type World } from "../harness.ts";
import { PoolWorld } from "../pool.ts";

/** The server from source, as the npm package's entry, and as the built binary. */
export const SERVERS = {
  source: [...PORTCLAIM, "mcp-serve"],
  package: [join(ROOT, "dist/cli.js"), "mcp-serve"],
  binary: [BINARY, "mcp-serve"],
} as const;

/** Milliseconds for a test that starts many processes, or waits for something that nothing announces. */
export const PATIENT = 60_000;

export const TOOLS = ["acquire", "release", "find", "list", "reap"].map(
  (one) => `portclaim_${one}`,
);

/** A world where `#!/usr/bin/env bun` finds this bun. */
export class McpWorld extends PoolWorld {
  constructor(env: Record<string, string> = {}) {
    super(env);
    mkdirSync(this.path("bin"));
    symlinkSync(process.execPath, this.path("bin/bun"));
    this.env["PATH"] = `${this.path("bin")}:${this.env["PATH"]}`;
  }
}

export interface Answer {
  /** The tool's structured result. */
  data: Record<string, any>;
  isError: boolean;
  text: string;
}

interface Options {
  name?: string;
  /** The directories that the client reports as its roots; without them it has no roots to report. */
  roots?: string[];
  command?: readonly string[];
  cwd?: string;
}

/** The SDK's own client, connected to a server that it started. */
export class Connection implements AsyncDisposable {
  readonly updates: string[] = [];

  private constructor(
    readonly client: Client,
    readonly roots: string[],
  ) {}

  static async open(world: World, options: Options = {}): Promise<Connection> {
    const { name = "test-agent", roots, command = SERVERS.binary, cwd = world.cwd } = options;
    const [program = "", ...args] = command;
    const capabilities = roots ? { roots: { listChanged: true } } : {};
    const client = new Client({ name, version: "1.0.0" }, { capabilities });
    const connection = new Connection(client, roots ?? []);
    if (roots) {
      client.setRequestHandler(ListRootsRequestSchema, () => ({
        roots: connection.roots.map((path) => ({ uri: Bun.pathToFileURL(path).href })),
      }));
    }
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      connection.updates.push(params.uri);
    });
    const server = { command: program, args, cwd, env: world.env, stderr: "pipe" } as const;
    await client.connect(new StdioClientTransport(server));
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
