import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  RootsListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Host } from "./host.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { serveResource } from "./resource.ts";
import { Session } from "./session.ts";

/** An MCP server for one client; connect `server` to a transport of your own. */
export interface ClaimServer {
  server: Server;
  /** Resolves once no tool is under way. */
  idle(): Promise<void>;
}

let loaded: Promise<typeof import("./calls.ts")> | undefined;

// A client waits for the answer to `initialize` before it asks for tools: they load after it.
// The promise is kept, as import() takes a tenth of a millisecond even of what is loaded.
const calls = () => (loaded ??= import("./calls.ts"));

/** Makes a server. It reads and watches nothing before its client asks. */
export function createServer(host: Host): ClaimServer {
  const { version } = host;
  const server = new Server(
    { name: "portclaim", title: "portclaim", version },
    { capabilities: { tools: {}, resources: { subscribe: true } }, instructions: INSTRUCTIONS },
  );
  const session = new Session(host, server);
  const running = new Set<Promise<unknown>>();
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: (await calls()).showTools(),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const call = (await calls()).callTool(params, session, signal);
    running.add(call);
    return await call.finally(() => running.delete(call));
  });
  server.setNotificationHandler(RootsListChangedNotificationSchema, () => session.forgetRoot());
  serveResource(server, host);
  return { server, idle: async () => void (await Promise.allSettled(running)) };
}
