// First, since the SDK creates its schemas when it is imported.
import "../interpreted-schemas.ts";
import { SystemError } from "../../native/errno.ts";
import { type Machine, type Process, thisMachine } from "../../native/machine.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { resolveCaller } from "../../registry/owner/caller.ts";
import { createServer } from "../server.ts";
import type { Host } from "../session.ts";
import { Output } from "./output.ts";
import { StdioTransport } from "./transport.ts";

/** Milliseconds that a server waits for others. */
const TIMEOUTS = {
  /** For running calls to finish, and responses to be read, once the client has disconnected. */
  lastCalls: 10_000,
  /** For a connected client to read anything, before it is given up. */
  unread: 60_000,
};

/**
 * Serves MCP on standard input and output until the client disconnects or its process exits. Throws a SystemError if
 * its responses can't be written.
 */
export async function serveStdio(host: Host, timeouts = TIMEOUTS): Promise<void> {
  const { server, idle } = createServer(host);
  const output = new Output(timeouts.unread);
  const transport = new StdioTransport(Bun.stdin.stream(), output);
  server.onerror = (error) => {
    if (!transport.isBroken) host.log(error.message);
  };
  await server.connect(transport);
  await Promise.race([transport.finished, agentExit()]);
  const done = Promise.all([transport.answered(), idle()]).then(() => output.drain());
  await Promise.race([done, Bun.sleep(timeouts.lastCalls)]);
  await server.close();
  if (output.pending > 0) throw new SystemError("ETIMEDOUT", "write");
}

/** Milliseconds between checks that the agent is alive, in case its exit doesn't close stdin. */
const CHECK_INTERVAL = 2000;

/** Resolves when the agent that started this server has exited, even if another process keeps stdin open. */
async function agentExit(): Promise<void> {
  const machine = thisMachine();
  const agent = findOwner(machine);
  const isAlive = () => {
    const now = agent && machine.process(agent.pid);
    return now !== undefined && !now.ended && now.start === agent?.start;
  };
  // The agent may have exited only if this server's parent has.
  do await Bun.sleep(CHECK_INTERVAL);
  while (process.ppid === machine.parent || isAlive());
}

function findOwner(machine: Machine): Process | undefined {
  try {
    return resolveCaller(machine, "mcp-serve").owner;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
