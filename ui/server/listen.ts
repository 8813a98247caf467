import { errnoMessage } from "../../native/errno.ts";
import { DASHBOARD_PORT } from "../../registry/config/config.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import { BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import { HIGHEST_PORT } from "../../registry/model/claim.ts";
import { explainPort } from "../../registry/query/explain.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Registry } from "../../registry/store/registry.ts";

/** What uses a port, in words; `undefined` if the dashboard may listen on it. */
function findUse(registry: Registry): (port: number) => string | undefined {
  const { machine, home } = registry;
  const snapshot = new Snapshot(registry);
  const table = new ClaimStore(machine, home).readAll();
  return (port) => {
    const claim = table.claims.get(port)?.claim;
    const isClaimed = claim ? snapshot.state(claim) !== "dead" : table.unreadable.has(port);
    if (!isClaimed && machine.probe(port) === "free") return undefined;
    return explainPort(snapshot, table, port).by;
  };
}

/** Listens on a port, or on the first free one. Throws a RegistryError ("port-taken", "range-exhausted", "invalid"). */
export async function listenOn<Server>(
  registry: Registry,
  bind: string,
  wanted: number | "auto",
  listen: (port: number) => Server,
): Promise<Server> {
  const useOf = findUse(registry);
  if (wanted !== "auto") return tryPort(useOf, bind, wanted, listen);
  for (let port = DASHBOARD_PORT; port <= HIGHEST_PORT; port++) {
    const isAllowed = port === DASHBOARD_PORT || !registry.config.exclude.has(port);
    if (!isAllowed || BLOCKED_PORTS.includes(port) || useOf(port) !== undefined) continue;
    try {
      return tryPort(useOf, bind, port, listen);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
  }
  const ranges = `${DASHBOARD_PORT}-${HIGHEST_PORT}`;
  const reason = { code: "range-exhausted", ranges } as const;
  throw new RegistryError(`no free port in ${ranges}`, reason);
}

function tryPort<Server>(
  useOf: (port: number) => string | undefined,
  bind: string,
  port: number,
  listen: (port: number) => Server,
): Server {
  const taken = (by: string) =>
    new RegistryError(`port ${port} is ${by}`, { code: "port-taken", port, by });
  const by = useOf(port);
  if (by !== undefined) throw taken(by);
  try {
    return listen(port);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    if (code === "EADDRINUSE") throw taken(useOf(port) ?? errnoMessage(code));
    const why = code === "EADDRNOTAVAIL" ? "not an address of this machine" : errnoMessage(code);
    const message = `cannot listen on ${bind} port ${port}: ${why}`;
    throw new RegistryError(message, { code: "invalid", what: "bind" });
  }
}
