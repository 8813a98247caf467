import type { Registry } from "../../registry/store/registry.ts";
import { ownAddresses, isLoopback, plainAddress, urlOf } from "./address.ts";
import { errorAnswer } from "./answer.ts";
import { Feed } from "./feed.ts";
import { admit, type Place } from "./guard.ts";
import { loadPage } from "./page.ts";
import { choosePort } from "./port.ts";
import { type Dashboard, route } from "./routes.ts";

/** Where to serve the dashboard. */
export interface Serving {
  /** Opens the registry anew for each operation, on a machine whose `pause` doesn't block. */
  open: () => Promise<Registry>;
  /** The address to listen on. */
  bind: string;
  /** "auto": the first from 8484 upward that nobody has. */
  port: number | "auto";
}

export interface Served {
  port: number;
  /** Where this machine's browsers find it. */
  url: string;
  /** Where others find it: none unless it is bound beyond loopback. */
  others: string[];
  stop(): Promise<void>;
}

// Only a bound against floods: the API's own, smaller limit answers in JSON.
const LARGEST_BODY = 1024 * 1024;

/** Serves the dashboard. Throws a RegistryError ("port-taken") that says who has the port. */
export async function startDashboard({ open, bind, port }: Serving): Promise<Served> {
  const registry = await open();
  const page = await loadPage();
  const isWide = !isLoopback(bind);
  const listen = (number: number) => {
    const feed = new Feed(open, number, page.version);
    const place = { port: number, uid: registry.machine.uid, isWide };
    return serve(bind, place, { open, feed, page });
  };
  const server = await choosePort(registry, bind, port, listen);
  const chosen = server.port ?? 0;
  return {
    port: chosen,
    url: urlOf(isAny(bind) ? "127.0.0.1" : bind, chosen),
    others: isWide ? addressesOf(bind).map((address) => urlOf(address, chosen)) : [],
    stop: () => server.stop(true),
  };
}

const isAny = (bind: string) => bind === "0.0.0.0" || bind === "::";

function addressesOf(bind: string): string[] {
  if (!isAny(bind)) return [plainAddress(bind)];
  const isOfKind = (address: string) => bind === "::" || !address.includes(":");
  return [...ownAddresses()].filter(
    (one) => !isLoopback(one) && !one.startsWith("fe80") && isOfKind(one),
  );
}

function serve(bind: string, place: Place, dashboard: Dashboard) {
  return Bun.serve({
    hostname: bind,
    port: place.port,
    // Bun takes itself for in development, and would show its errors with their source.
    development: false,
    // Server-sent events may be silent for long.
    idleTimeout: 0,
    maxRequestBodySize: LARGEST_BODY,
    async fetch(request, server) {
      try {
        const visitor = admit(request, server.requestIP(request), place);
        return await route(dashboard, request, visitor);
      } catch (error) {
        return errorAnswer(error);
      }
    },
    error: errorAnswer,
  });
}
