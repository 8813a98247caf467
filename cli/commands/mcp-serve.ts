import { StdioTransport } from "../../mcp/stdio/transport.ts";
import { type Machine, type Process, thisMachine } from "../../native/machine.ts";
import { isTerminal, writeText } from "../../native/posix/stdio.ts";
import { version } from "../../package.json";
import { RegistryError } from "../../registry/model/errors.ts";
import { resolveCaller } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import type { Io } from "../output/io.ts";

export const mcpServeCommand = defineCommand({
  name: "mcp-serve",
  about: `Speaks MCP on stdin and stdout, and ends with its client. Agents start it by themselves once portclaim setup has told them how.`,
  output: "bare",
  options: {},
  lasts: true,
  examples: [
    ["portclaim setup claude-code", "Have the agent start it."],
    ["portclaim mcp-serve < requests.jsonl", "Answer some requests and exit."],
  ],
  run: (_values, io) => serve(io),
});

/** Seconds that calls get to finish once stdin has ended: waiting for the lock may take 5. */
const LAST_CALLS = 10;

async function serve(io: Io): Promise<void> {
  if (isTerminal(0)) io.say("speaking MCP on stdin; end it with Ctrl-D");
  const { createServer } = await import("../../mcp/server.ts");
  const { server, idle } = createServer({
    version,
    open: () => openForServer(io),
    agent: io.env["PORTCLAIM_AGENT"] || undefined,
    directory: () => io.cwd(),
    log: (text) => io.say(text),
  });
  const transport = new StdioTransport(Bun.stdin.stream(), (text) => writeText(1, text));
  server.onerror = (error) => {
    if (!transport.isBroken) io.say(error.message);
  };
  await server.connect(transport);
  await Promise.race([transport.finished, agentExited()]);
  const done = Promise.all([transport.answered(), idle()]);
  await Promise.race([done, Bun.sleep(LAST_CALLS * 1000)]);
  await server.close();
}

/** The registry of a server: waiting for its lock mustn't stop the event loop. */
async function openForServer(io: Io): Promise<Registry> {
  return { ...(await open(io)), machine: thisMachine((ms) => Bun.sleep(ms)) };
}

/** Milliseconds between checks of the agent, in case its exit doesn't close stdin. */
const CHECK_EVERY = 2000;

/** Resolves when the agent that started this server has exited, even if stdin is still open. */
async function agentExited(): Promise<void> {
  const machine = thisMachine();
  const agent = ownerOf(machine);
  const lives = () => {
    const now = agent && machine.process(agent.pid);
    return now !== undefined && !now.ended && now.start === agent?.start;
  };
  // As long as the parent is the same, the agent lives.
  do await Bun.sleep(CHECK_EVERY);
  while (process.ppid === machine.parent || lives());
}

function ownerOf(machine: Machine): Process | undefined {
  try {
    return resolveCaller(machine, "mcp-serve").owner;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
