import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  ListResourcesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { listClaims } from "../registry/query/list.ts";
import { watchClaims } from "../registry/watch/watch.ts";
import { summarize } from "./claim-summary.ts";
import { withPlainNames } from "./plain-result.ts";
import type { Host } from "./session.ts";

const CLAIMS = {
  uri: "portclaim://claims",
  name: "claims",
  title: "Claimed ports",
  description:
    "Every claimed port on this machine, with its service, project, owner and state. " +
    "Subscribe to be notified whenever a claim or its server changes.",
  mimeType: "application/json",
};

/** "Resource not found" of the MCP specification, server/resources. */
const NOT_FOUND = -32002;

function checkUri(uri: string): void {
  if (uri === CLAIMS.uri) return;
  throw new McpError(NOT_FOUND, `no resource ${uri}; the only one is ${CLAIMS.uri}`, { uri });
}

/** Serves the claims as a resource, and notifies a subscribed client of each change. */
export function serveClaims(server: Server, host: Host): void {
  let subscription: Promise<() => void> | undefined;
  const unsubscribe = async () => {
    const stop = subscription;
    subscription = undefined;
    (await stop)?.();
  };
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [CLAIMS] }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    checkUri(uri);
    return { contents: [{ uri, mimeType: CLAIMS.mimeType, text: await readClaims(host) }] };
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    checkUri(uri);
    subscription ??= followClaims(host, () => server.sendResourceUpdated({ uri }));
    try {
      await subscription;
    } catch (error) {
      subscription = undefined;
      throw error;
    }
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, async ({ params: { uri } }) => {
    checkUri(uri);
    await unsubscribe();
    return {};
  });
  server.onclose = () => void unsubscribe();
}

/** Every claim as JSON, as portclaim_list returns it. Throws what opening the registry throws. */
async function readClaims(host: Host): Promise<string> {
  const registry = await host.openAnyway();
  const { claims, unreadable } = listClaims(registry);
  return JSON.stringify(withPlainNames({ claims: claims.map(summarize), unreadable }, registry));
}

/** Calls `notify` for each change from now on; returns how to stop. Throws what opening the registry throws. */
async function followClaims(host: Host, notify: () => Promise<void>): Promise<() => void> {
  await host.openAnyway();
  const end = new AbortController();
  const updates = watchClaims(() => host.openAnyway(), {
    signal: end.signal,
    onError: (error) => host.log(`cannot read the claims: ${(error as Error).message}`),
  });
  // Later readings are compared with this one, so every change from here on is reported.
  await updates.next();
  const follow = async () => {
    for await (const { events } of updates)
      if (events.length > 0 && !end.signal.aborted) await notify();
  };
  follow().catch((error: Error) => host.log(`stopped watching the claims: ${error.message}`));
  return () => end.abort();
}
