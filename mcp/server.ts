import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  RootsListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { callTool, listTools } from "./call-tool.ts";
import { serveClaims } from "./claims-resource.ts";
import { type Host, Session } from "./session.ts";

/** What a model reads about the server before it sees any tool. */
const INSTRUCTIONS = [
  "Several agents, terminals and people share this machine's TCP ports; portclaim keeps them from colliding.",
  "Before you start anything that listens on a port, call portclaim_acquire and start it on the port that it returns:",
  "never pick a port yourself, and never end a server with pkill, killall or kill-port: it may be someone else's.",
  "To reach a service that may already be running, call portclaim_find.",
  "When you have stopped a service for good, call portclaim_release.",
  "These tools only keep records: none of them starts, stops or kills a process. In your shell,",
  "`portclaim run SERVICE -- COMMAND` claims a port and starts a server on it, and `portclaim stop SERVICE` ends it.",
].join(" ");

/** An MCP server for one client. It knows no transport: connect `server` to one. */
export interface ClaimServer {
  server: Server;
  /** Resolves once no tool is running. */
  idle(): Promise<void>;
}

/** Creates a server. It reads and watches nothing until its client asks. */
export function createServer(host: Host): ClaimServer {
  const server = new Server(
    { name: "portclaim", title: "portclaim", version: host.version },
    { capabilities: { tools: {}, resources: { subscribe: true } }, instructions: INSTRUCTIONS },
  );
  const session = new Session(host, server);
  const running = new Set<Promise<unknown>>();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listTools() }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const call = callTool(params, session, signal);
    running.add(call);
    return await call.finally(() => running.delete(call));
  });
  server.setNotificationHandler(RootsListChangedNotificationSchema, () => session.forgetRoots());
  serveClaims(server, host);
  return { server, idle: async () => void (await Promise.allSettled(running)) };
}
