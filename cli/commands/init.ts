import { locate } from "../../registry/config/checkout.ts";
import { writeConfigTemplate } from "../../registry/config/init.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { openUnread } from "../context.ts";
import { UsageError } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { writeProjectFile } from "../project/write-project-file.ts";

export const initCommand = defineCommand({
  name: "init",
  about: `Writes config.toml into the registry's directory, with every key commented out and its default.

With --project, writes portclaim.toml at the root of this checkout instead: the services that the scripts of package.json and its workspaces start, with the ports that their servers use.`,
  output: "json",
  options: {
    project: { type: "flag", summary: "Write this checkout's portclaim.toml." },
    force: { type: "flag", summary: "Replace a file that exists." },
  },
  examples: [
    ["portclaim init", "Write ~/.portclaim/config.toml."],
    ["portclaim init --project", "Write portclaim.toml for this project."],
  ],
  async run({ project, force }, io) {
    const registry = openUnread(io);
    const path = project
      ? writeProjectFile(rootOf(io, registry), force)
      : writeConfigTemplate(registry.machine, registry.home, force);
    if (io.json) printJson(io, { path });
    else io.print(`${path}\n`);
  },
});

/** The checkout's root, else this directory, which the file turns into one. */
function rootOf(io: Io, registry: Omit<Registry, "config">): string {
  const { cwd, checkout } = locate(registry, io.cwd());
  const root = checkout?.root ?? cwd;
  if (!registry.shared.has(root)) return root;
  throw new UsageError(
    `a portclaim.toml in ${root} would have no effect`,
    "run it in the project's directory",
  );
}
