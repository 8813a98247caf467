import type { Command } from "./command.ts";

/** Every command by name, loaded when it is called: `acquire` must not pay for the others. */
export const COMMANDS: Record<string, () => Promise<Command>> = {
  acquire: async () => (await import("./commands/acquire.ts")).acquireCommand,
  release: async () => (await import("./commands/release.ts")).releaseCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  find: async () => (await import("./commands/find.ts")).findCommand,
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
