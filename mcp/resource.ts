import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  ListResourcesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Host } from "./host.ts";

const CLAIMS = {
  uri: "portclaim://claims",
  name: "claims",
  title: "Claimed ports",
  description:
    "Every claimed port on this machine, with its service, project, owner, and whether it is in use. " +
    "Subscribe to hear of changes by anybody.",
  mimeType: "application/json",
};

/** "Resource not found" of the MCP specification, server/resources. */
const NOT_FOUND = -32002;

function check(uri: string): void {
  if (uri === CLAIMS.uri) return;
  throw new McpError(NOT_FOUND, `There is no resource ${uri}: see ${CLAIMS.uri}`, { uri });
}

/** Serves the one resource, and tells a client that subscribed of each change by anybody. */
export function serveResource(server: Server, host: Host): void {
  let following: Promise<() => void> | undefined;
  const unfollow = async () => {
    const stop = following;
    following = undefined;
    (await stop)?.();
  };
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [CLAIMS] }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    check(uri);
    const { readClaims } = await import("./claims.ts");
    return { contents: [{ uri, mimeType: CLAIMS.mimeType, text: await readClaims(host) }] };
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    check(uri);
    const { followClaims } = await import("./claims.ts");
    following ??= followClaims(host, () => server.sendResourceUpdated({ uri }));
    try {
      await following;
    } catch (error) {
      following = undefined;
      throw error;
    }
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, async ({ params: { uri } }) => {
    check(uri);
    await unfollow();
    return {};
  });
  server.onclose = () => void unfollow();
}
