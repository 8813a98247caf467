import { DASHBOARD_PORT } from "../../registry/config/config.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import { BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import { HIGHEST_PORT } from "../../registry/model/claim.ts";
import { RegistryError } from "../../registry/model/errors.ts";
import { explainPort } from "../../registry/query/explain.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Registry } from "../../registry/store/registry.ts";

/** Who has a port, in words; `undefined` if it is free for a dashboard. */
function holderOf(registry: Registry): (port: number) => string | undefined {
  const { machine, home } = registry;
  const snapshot = new Snapshot(registry);
  const table = new ClaimStore(machine, home).readAll();
  return (port) => {
    const claim = table.claims.get(port)?.claim;
    const isLive = claim ? snapshot.state(claim) !== "dead" : table.unreadable.has(port);
    if (!isLive && machine.probe(port) === "free") return undefined;
    return explainPort(snapshot, table, port).by;
  };
}

/** Listens on a port, or on the first that is free. Throws a RegistryError ("port-taken", "range-exhausted"). */
export async function choosePort<Server>(
  registry: Registry,
  bind: string,
  wanted: number | "auto",
  listen: (port: number) => Server,
): Promise<Server> {
  const holder = holderOf(registry);
  if (wanted !== "auto") return tryPort(holder, bind, wanted, listen);
  for (let port = DASHBOARD_PORT; port <= HIGHEST_PORT; port++) {
    const isChosen = port === DASHBOARD_PORT || !registry.config.exclude.has(port);
    if (!isChosen || BLOCKED_PORTS.includes(port) || holder(port) !== undefined) continue;
    try {
      return tryPort(holder, bind, port, listen);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
  }
  const ranges = `${DASHBOARD_PORT}-${HIGHEST_PORT}`;
  const message = `Cannot serve the dashboard: no port is left in ${ranges}`;
  throw new RegistryError(message, { code: "range-exhausted", ranges });
}

function tryPort<Server>(
  holder: (port: number) => string | undefined,
  bind: string,
  port: number,
  listen: (port: number) => Server,
): Server {
  const taken = (by: string) =>
    new RegistryError(`Cannot serve on port ${port}: ${by}`, { code: "port-taken", port, by });
  const by = holder(port);
  if (by !== undefined) throw taken(by);
  try {
    return listen(port);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EADDRINUSE") throw taken(holder(port) ?? "somebody took it a moment ago");
    const why = code === "EADDRNOTAVAIL" ? "it is not an address of this machine" : code;
    if (why === undefined) throw error;
    const message = `Cannot serve on ${bind}, port ${port}: ${why}`;
    throw new RegistryError(message, { code: "invalid", what: "bind" });
  }
}
