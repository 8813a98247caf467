import { listClaims } from "../registry/query/list.ts";
import { watchClaims } from "../registry/watch/watch.ts";
import type { Host } from "./host.ts";
import { brief } from "./views.ts";

/** Every claim as JSON, as portclaim_list returns them. Throws what opening the registry throws. */
export async function readClaims(host: Host): Promise<string> {
  const { claims, unreadable } = listClaims(await host.open());
  return JSON.stringify({ claims: claims.map(brief), unreadable });
}

/**
 * Tells of each change that anybody makes to the claims from now on; returns how to stop that.
 * Throws what opening the registry throws.
 */
export async function followClaims(host: Host, tell: () => Promise<void>): Promise<() => void> {
  await host.open();
  const over = new AbortController();
  const looks = watchClaims(() => host.open(), {
    signal: over.signal,
    onError: (error) => host.log(`can't look at the claims: ${(error as Error).message}`),
  });
  // The first look is what later ones are compared with: what happens after this is told.
  await looks.next();
  const follow = async () => {
    for await (const { events } of looks)
      if (events.length > 0 && !over.signal.aborted) await tell();
  };
  follow().catch((error: Error) => host.log(`watches the claims no more: ${error.message}`));
  return () => over.abort();
}
