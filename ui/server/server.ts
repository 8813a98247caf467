import { tellsPeers } from "../../native/posix/peer.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { isLoopback, ownAddresses, plainAddress, urlOf } from "./address.ts";
import { createKey, doorOf } from "./browser-key.ts";
import { Feed } from "./feed.ts";
import { authorize, type Endpoint } from "./guard.ts";
import type { Dashboard } from "./handler.ts";
import { listenOn } from "./listen.ts";
import { loadPage } from "./page.ts";
import { respondError } from "./response.ts";
import { route } from "./routes.ts";
import { aboutThis, findDashboard } from "./running-dashboard.ts";

/** Where to serve the dashboard. */
export interface DashboardOptions {
  /** Opens the registry anew for each request, on a machine whose `pause` doesn't block. */
  open: () => Promise<Registry>;
  /** The address to listen on. */
  bind: string;
  /** Whether browsers need a key to stop and release: by default, where the system doesn't tell whose request it is. */
  needsKey?: boolean;
  /** The agents that `setup` could set up. */
  agents?: readonly string[];
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
  /** What `--open` opens: its URL, or the path of a file that leads there with the key. */
  door: string;
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
  const { open, bind, port, needsKey = !tellsPeers } = options;
  const registry = await open();
  const page = await loadPage();
  const isPublic = !isLoopback(bind);
  const listen = (number: number) => {
    const feed = new Feed(open, number, page.version, options.agents);
    const endpoint = { port: number, uid: registry.machine.uid, isPublic };
    const about = aboutThis(registry, bind, number);
    const dashboard: Dashboard = { open, feed, page, about };
    const server = serve(bind, endpoint, dashboard);
    if (needsKey) dashboard.key = createKey(registry, hostOf(bind), number);
    return server;
  };
  let server;
  try {
    server = await listenOn(registry, bind, port, listen);
  } catch (error) {
    const taken = error instanceof RegistryError && error.reason.code === "port-taken";
    const other = taken && (await findDashboard(registry, bind, error.reason.port));
    if (!other) throw error;
    const stop = async () => {};
    const { port: used } = error.reason;
    const door = needsKey ? doorOf(registry, used) : other.url;
    return { isOther: true, port: used, ...other, door, others: [], stop };
  }
  const chosen = server.port ?? 0;
  const url = urlOf(hostOf(bind), chosen);
  return {
    isOther: false,
    pid: registry.machine.pid,
    port: chosen,
    url,
    door: needsKey ? doorOf(registry, chosen) : url,
    others: isPublic ? addressesOf(bind).map((address) => urlOf(address, chosen)) : [],
    stop: () => server.stop(true),
  };
}

const isAny = (bind: string) => bind === "0.0.0.0" || bind === "::";

/** The address that browsers on this machine open. */
const hostOf = (bind: string) => (isAny(bind) ? "127.0.0.1" : bind);

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
