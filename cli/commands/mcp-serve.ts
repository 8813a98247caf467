import { thisMachine } from "../../native/machine.ts";
import { isTerminal } from "../../native/posix/stdio.ts";
import { version } from "../../package.json";
import { agentSession } from "../../registry/owner/agent.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { open, openAnyway } from "../context.ts";

export const mcpServeCommand = defineCommand({
  name: "mcp-serve",
  about: `Speaks MCP on stdin and stdout, and exits with its client. Agents start it by themselves once portclaim setup has configured them.`,
  output: "bare",
  options: {},
  onlyText: true,
  examples: [
    ["portclaim setup claude-code", "Have the agent start it."],
    ["portclaim mcp-serve < requests.jsonl", "Answer some requests and exit."],
  ],
  run: async (_values, io) => {
    if (isTerminal(0)) io.say("speaking MCP on stdin; end it with Ctrl-D");
    const { serveStdio } = await import("../../mcp/stdio/serve.ts");
    await serveStdio({
      version,
      open: async () => forServer(await open(io)),
      openAnyway: async () => forServer(await openAnyway(io)),
      agent: io.env["PORTCLAIM_AGENT"] || undefined,
      session: agentSession(io.env)?.value,
      directory: () => io.cwd(),
      log: (text) => io.say(text),
    });
  },
});

/** The registry of a server: waiting for its lock mustn't stop the event loop. */
function forServer(registry: Registry): Registry {
  // Only a server that is used compiles its code: most of them list their tools and then idle.
  Bun.unsafe.setJITPolicy(1);
  return { ...registry, machine: thisMachine((ms) => Bun.sleep(ms)) };
}
