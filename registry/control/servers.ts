import type { Process } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { engineOf } from "../liveness/forwarder.ts";
import type { Claim } from "../model/claim.ts";
import { commandName, readWords } from "../owner/command-name.ts";
import type { Server } from "./end-server.ts";
import type { ServerFinder } from "./server.ts";

/** A process that listens on a port. */
export interface Socket {
  pid: number;
  port: number;
}

/** The servers of some listeners. Throws a RegistryError ("ancestor") if one must not be stopped. */
export function serversOf(
  finder: ServerFinder,
  claim: Claim | null,
  sockets: readonly Socket[],
): Server[] {
  const servers = sockets.flatMap(({ pid, port }) => {
    const process = finder.snapshot.processes.process(pid);
    return process === undefined ? [] : [serverOf(finder, port, claim, process)];
  });
  return merge(servers);
}

function serverOf(
  finder: ServerFinder,
  port: number,
  claim: Claim | null,
  listener: Process,
): Server {
  const { machine } = finder.snapshot;
  const protection = finder.protection(listener);
  if (protection !== undefined) {
    const by = `${commandName(machine, listener)} (pid ${listener.pid})`;
    const message = `port ${port} is in use by ${by}, ${protection}`;
    const engine = engineOf(listener, readWords(machine, listener.pid));
    throw new RegistryError(message, { code: "ancestor", port, ...(engine && { engine }) });
  }
  const top = finder.top(claim, listener);
  const started = finder.startedBy(top, claim?.port ?? port);
  const others = started.filter(({ pid }) => pid !== listener.pid);
  return { top, listeners: [listener], others, port, command: commandName(machine, top) };
}

/** Merges servers that share their topmost process. */
function merge(servers: readonly Server[]): Server[] {
  return [...Map.groupBy(servers, ({ top }) => top.pid).values()].map((same) => ({
    ...(same[0] as Server),
    listeners: same.flatMap(({ listeners }) => listeners),
  }));
}
