import { init } from "../../registry/init.ts";
import type { Command } from "../command.ts";
import { openWithoutConfig } from "../context.ts";
import { printJson } from "../io.ts";

export const initCommand: Command = {
  name: "init",
  output: "json",
  args: { force: { type: "boolean", description: "Replace the one that is there" } },
  examples: [["portclaim init", "writes ~/.portclaim/config.toml"]],
  async run(args, io) {
    const path = init(openWithoutConfig(io), args.has("force"));
    if (io.json) printJson(io, { path });
    else io.print(`${path}\n`);
  },
};
