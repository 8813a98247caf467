import { type Machine, type Process, thisMachine } from "../../native/machine.ts";
import { writeText } from "../../native/posix/stdio.ts";
import { RegistryError } from "../../registry/model/errors.ts";
import { resolveCaller } from "../../registry/owner/caller.ts";
import { createServer } from "../server.ts";
import type { Host } from "../session.ts";
import { StdioTransport } from "./transport.ts";

/** Seconds that running calls get to finish once the client has disconnected: waiting for the lock takes up to 5. */
const LAST_CALLS = 10;

/** Serves MCP on standard input and output until the client disconnects or its process exits. */
export async function serveStdio(host: Host): Promise<void> {
  const { server, idle } = createServer(host);
  const transport = new StdioTransport(Bun.stdin.stream(), (text) => writeText(1, text));
  server.onerror = (error) => {
    if (!transport.isBroken) host.log(error.message);
  };
  await server.connect(transport);
  await Promise.race([transport.finished, agentExit()]);
  const done = Promise.all([transport.answered(), idle()]);
  await Promise.race([done, Bun.sleep(LAST_CALLS * 1000)]);
  await server.close();
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
