import { writeConfigTemplate } from "../../registry/config/init.ts";
import type { Command } from "../command.ts";
import { openUnread } from "../context.ts";
import { printJson } from "../output/io.ts";

export const initCommand: Command = {
  name: "init",
  output: "json",
  args: { force: { type: "boolean", description: "Replace the one that is there" } },
  examples: [["portclaim init", "writes ~/.portclaim/config.toml"]],
  async run(args, io) {
    const { machine, home } = openUnread(io);
    const path = writeConfigTemplate(machine, home, args.has("force"));
    if (io.json) printJson(io, { path });
    else io.print(`${path}\n`);
  },
};
