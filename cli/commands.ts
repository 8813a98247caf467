import type { Command } from "./command.ts";
import { acquireCommand } from "./commands/acquire.ts";
import { findCommand } from "./commands/find.ts";
import { listCommand } from "./commands/list.ts";
import { releaseCommand } from "./commands/release.ts";

/**
 * Every command by name. Those that scripts call all the time are there at once; the others are
 * loaded when they are called, so that `acquire` need not pay for them.
 */
export const COMMANDS: Record<string, () => Promise<Command>> = {
  acquire: async () => acquireCommand,
  release: async () => releaseCommand,
  list: async () => listCommand,
  find: async () => findCommand,
  run: async () => (await import("./commands/run.ts")).runCommand,
  who: async () => (await import("./commands/who.ts")).whoCommand,
  wait: async () => (await import("./commands/wait.ts")).waitCommand,
  stop: async () => (await import("./commands/stop.ts")).stopCommand,
  reap: async () => (await import("./commands/reap.ts")).reapCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  watch: async () => (await import("./commands/watch.ts")).watchCommand,
  completions: async () => (await import("./commands/completions.ts")).completionsCommand(COMMANDS),
  init: async () => (await import("./commands/init.ts")).initCommand,
  http: async () => (await import("./commands/http.ts")).httpCommand,
  setup: async () => (await import("./commands/setup.ts")).setupCommand,
  "mcp-serve": async () => (await import("./commands/mcp-serve.ts")).mcpServeCommand,
};
