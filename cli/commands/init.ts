import { writeConfigTemplate } from "../../registry/config/init.ts";
import { defineCommand } from "../command.ts";
import { openUnread } from "../context.ts";
import { printJson } from "../output/io.ts";

export const initCommand = defineCommand({
  name: "init",
  about: `Writes config.toml into the registry's directory, with every key commented out and its default.`,
  output: "json",
  options: { force: { type: "flag", summary: "Replace a config.toml that exists." } },
  examples: [["portclaim init", "Write ~/.portclaim/config.toml."]],
  async run({ force }, io) {
    const { machine, home } = openUnread(io);
    const path = writeConfigTemplate(machine, home, force);
    if (io.json) printJson(io, { path });
    else io.print(`${path}\n`);
  },
});
