import { RegistryError } from "../../registry/model/errors.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { isLoopback, ownAddresses, plainAddress, urlOf } from "./address.ts";
import { Feed } from "./feed.ts";
import { authorize, type Endpoint } from "./guard.ts";
import { listenOn } from "./listen.ts";
import { loadPage } from "./page.ts";
import { respondError } from "./response.ts";
import { type Dashboard, route } from "./routes.ts";
import { aboutThis, findDashboard } from "./running-dashboard.ts";

/** Where to serve the dashboard. */
export interface DashboardOptions {
  /** Opens the registry anew for each request, on a machine whose `pause` doesn't block. */
  open: () => Promise<Registry>;
  /** The address to listen on. */
  bind: string;
  /** "auto": the first free port from 8484 upward. */
  port: number | "auto";
}

/** A running dashboard. */
export interface RunningDashboard {
  /** Whether it was running already, in another process. */
  isOther: boolean;
  pid: number;
  port: number;
  /** Its URL for browsers on this machine. */
  url: string;
  /** Its URLs for other machines; none if it listens on loopback only. */
  others: string[];
  stop(): Promise<void>;
}

// A bound against floods; readBody has a smaller limit, and answers in JSON.
const LARGEST_BODY = 1024 * 1024;

/**
 * Serves the dashboard, or finds the registry's own on its port. Throws a RegistryError ("port-taken") that says what
 * uses the port.
 */
export async function startDashboard(options: DashboardOptions): Promise<RunningDashboard> {
  const { open, bind, port } = options;
  const registry = await open();
  const page = await loadPage();
  const isPublic = !isLoopback(bind);
  const listen = (number: number) => {
    const feed = new Feed(open, number, page.version);
    const endpoint = { port: number, uid: registry.machine.uid, isPublic };
    return serve(bind, endpoint, { open, feed, page, about: aboutThis(registry, bind) });
  };
  let server;
  try {
    server = await listenOn(registry, bind, port, listen);
  } catch (error) {
    const taken = error instanceof RegistryError && error.reason.code === "port-taken";
    const other = taken && (await findDashboard(registry, bind, error.reason.port));
    if (!other) throw error;
    const stop = async () => {};
    return { isOther: true, port: error.reason.port, ...other, others: [], stop };
  }
  const chosen = server.port ?? 0;
  return {
    isOther: false,
    pid: registry.machine.pid,
    port: chosen,
    url: urlOf(isAny(bind) ? "127.0.0.1" : bind, chosen),
    others: isPublic ? addressesOf(bind).map((address) => urlOf(address, chosen)) : [],
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

function serve(bind: string, endpoint: Endpoint, dashboard: Dashboard) {
  return Bun.serve({
    hostname: bind,
    port: endpoint.port,
    // By default Bun serves its errors with their stack and source.
    development: false,
    // The event stream may be silent for long.
    idleTimeout: 0,
    maxRequestBodySize: LARGEST_BODY,
    async fetch(request, server) {
      try {
        const visitor = authorize(request, server.requestIP(request), endpoint);
        return await route(dashboard, request, visitor);
      } catch (error) {
        return respondError(error);
      }
    },
    error: respondError,
  });
}
