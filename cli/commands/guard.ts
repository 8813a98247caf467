import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../output/io.ts";

export const guardCommand = defineCommand({
  name: "guard",
  about: `An agent's hook calls it before every shell command, with the command on stdin. It answers only if the command would end another's server, another agent, or the agent itself.

A wrong command line never blocks an agent's command: where stdin isn't a terminal, the guard reports it on stderr and exits with 0. Exit code 10 is a denial for an agent that only reads exit codes (windsurf).

To switch it off: PORTCLAIM_GUARD=off, or enabled = false under [guard] in config.toml. portclaim setup AGENT --guard installs the hook.`,
  output: "bare",
  options: {
    agent: {
      type: "text",
      summary: "The agent whose hook calls.",
      value: "AGENT",
      plain: true,
      onlyPlain: true,
    },
    explain: {
      type: "text",
      summary: "Say what the guard would answer to this command, and why.",
      value: "COMMAND",
    },
  },
  examples: [
    ["portclaim guard --explain 'pkill -f vite'", "See what it would answer, and why."],
    ["portclaim setup claude-code --guard", "Have Claude Code ask it."],
  ],
  async run({ agent, explain }, io) {
    const { PROTOCOLS } = await import("../../guard/protocols.ts");
    if (explain === undefined) {
      const known = Object.keys(PROTOCOLS).join(", ");
      if (agent !== undefined && Object.hasOwn(PROTOCOLS, agent)) {
        throw new UsageError(`guard ${agent} takes no options`);
      }
      throw new UsageError(
        agent === undefined ? "missing agent" : `unknown agent ${JSON.stringify(agent)}`,
        `expected one of ${known}; to try it: portclaim guard --explain 'pkill -f vite'`,
      );
    }
    const { explanation } = await import("../../guard/explain.ts");
    const found = explanation(await open(io), explain, io.cwd(), io.env);
    if (io.json) printJson(io, found);
    else io.print(found.lines.map((line) => `${line}\n`).join(""));
  },
});
