import { HIGHEST_PORT } from "../registry/claim.ts";
import { DASHBOARD_PORT } from "../registry/config.ts";
import { Refusal } from "../registry/errors.ts";
import { explainHolder } from "../registry/holder.ts";
import type { Registry } from "../registry/registry.ts";
import { Observer } from "../registry/state.ts";
import { readClaims } from "../registry/store.ts";
import { UNSAFE_PORTS } from "../registry/unsafe-ports.ts";

/** Who has a port, in words; `undefined` if it is free for a dashboard. */
function holderOf({ machine, home, config }: Registry): (port: number) => string | undefined {
  const observer = new Observer(machine, config.grace);
  const contents = readClaims(machine, home);
  return (port) => {
    const claim = contents.entries.get(port)?.claim;
    const isLive = claim ? observer.state(claim) !== "dead" : contents.unreadable.has(port);
    if (!isLive && machine.probe(port) === "free") return undefined;
    return explainHolder(observer, contents, port).by;
  };
}

/** Listens on a port, or on the first that is free. Throws a Refusal ("taken", "no-port"). */
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
    if (!isChosen || UNSAFE_PORTS.includes(port) || holder(port) !== undefined) continue;
    try {
      return tryPort(holder, bind, port, listen);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  const ranges = `${DASHBOARD_PORT}-${HIGHEST_PORT}`;
  const message = `Cannot serve the dashboard: no port is left in ${ranges}`;
  throw new Refusal(message, { code: "no-port", ranges });
}

function tryPort<Server>(
  holder: (port: number) => string | undefined,
  bind: string,
  port: number,
  listen: (port: number) => Server,
): Server {
  const taken = (by: string) =>
    new Refusal(`Cannot serve on port ${port}: ${by}`, { code: "taken", port, by });
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
    throw new Refusal(message, { code: "invalid", what: "bind" });
  }
}
