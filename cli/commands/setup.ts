import { AGENT_NAMES } from "../../setup/names.ts";
import type { Command } from "../command.ts";

export const setupCommand: Command = {
  name: "setup",
  output: "json",
  args: {
    agent: {
      type: "positional",
      description: `One of ${AGENT_NAMES.join(", ")}; without it: shows which are here`,
      valueHint: "AGENT",
      options: [...AGENT_NAMES],
      required: false,
    },
    project: { type: "boolean", description: "In the current directory's file, not the user's" },
    print: { type: "boolean", description: "Only print what would be added" },
    remove: { type: "boolean", description: "Take it out again" },
    skill: { type: "boolean", description: "The skill for Claude Code too" },
  },
  examples: [
    ["portclaim setup", "shows the agents on this machine, and which are set up"],
    ["portclaim setup claude-code --skill", "for all projects, with the skill"],
    ["portclaim setup cursor --project", "writes .cursor/mcp.json"],
    ["portclaim setup codex --print", "prints the lines for config.toml"],
  ],
  // Reading three formats takes packages that help must not load.
  run: async (args, io) => (await import("../../setup/setup.ts")).setup(args, io),
};
