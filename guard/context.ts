import { isPlainName } from "../registry/model/plain-names.ts";
import { listClaims } from "../registry/query/list.ts";
import { isHere } from "../registry/query/scope.ts";
import type { Registry } from "../registry/store/registry.ts";
import type { Asker } from "./losses.ts";

/** Lines of servers at most: a session's context is dear. */
const MAX_SERVERS = 8;

/** What an agent should know at the start of a session: what runs here, and how to start and stop servers. */
export function contextFor(registry: Registry, { here }: Pick<Asker, "here">): string {
  const servers = listClaims(registry)
    .claims.filter((claim) => claim.state === "listening" && isHere(claim, here, registry.shared))
    .slice(0, MAX_SERVERS)
    .map(({ service, port }) => (isPlainName(service) ? `${service} on ${port}` : `${port}`));
  const running = servers.length === 0 ? "no servers yet" : servers.join(", ");
  return [
    "Other agents and people use this machine's ports too. portclaim keeps track of whose server is whose.",
    `Running in this checkout: ${running}.`,
    "Start a server: portclaim run SERVICE -- COMMAND. Find one: portclaim url SERVICE. Stop your own: portclaim stop SERVICE.",
    "Don't end servers by name or by port (pkill, kill-port): that ends those of others.",
  ].join("\n");
}
