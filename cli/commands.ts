import type { Listed } from "./command.ts";
import { acquireCommand } from "./commands/acquire.ts";
import { findCommand } from "./commands/find.ts";
import { listCommand } from "./commands/list.ts";
import { releaseCommand } from "./commands/release.ts";

/** Every command by name. Most are loaded when they are called, so that `acquire` need not pay for them. */
export const COMMANDS: Record<string, Listed> = {
  acquire: {
    summary: "Claim a port and print it",
    load: async () => acquireCommand(),
  },
  release: {
    summary: "Free a claimed port; what listens on it goes on",
    load: async () => releaseCommand(),
  },
  list: {
    summary: "Show who holds which port, and what is so",
    load: async () => listCommand(),
  },
  find: {
    summary: "Print the port of a service that is claimed",
    load: async () => findCommand(),
  },
  run: {
    summary: "Claim a port and become a command that uses it",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  who: {
    summary: "Show who claims a port and what really listens on it",
    load: async () => (await import("./commands/who.ts")).whoCommand,
  },
  wait: {
    summary: "Wait until a port accepts connections, answers, or is free",
    load: async () => (await import("./commands/wait.ts")).waitCommand,
  },
  stop: {
    summary: "End your own server on a port; the claim stays",
    load: async () => (await import("./commands/stop.ts")).stopCommand,
  },
  reap: {
    summary: "Free the ports of what is gone or idle",
    load: async () => (await import("./commands/reap.ts")).reapCommand,
  },
  doctor: {
    summary: "Find what is wrong with the registry and mend it",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  watch: {
    summary: "Show claims, releases and changes as they happen",
    load: async () => (await import("./commands/watch.ts")).watchCommand,
  },
  completions: {
    summary: "Print a script that completes portclaim's commands in a shell",
    load: async () => (await import("./commands/completions.ts")).completionsCommand(COMMANDS),
  },
  init: {
    summary: "Write a commented config.toml",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  http: {
    summary: "Serve the dashboard: who has which port, live, in a browser",
    load: async () => (await import("./commands/http.ts")).httpCommand,
  },
  setup: {
    summary: "Add the MCP server to an agent's configuration",
    load: async () => (await import("./commands/setup.ts")).setupCommand,
  },
  "mcp-serve": {
    summary: "Serve the tools of portclaim to an agent, by MCP on stdin and stdout",
    load: async () => (await import("./commands/mcp-serve.ts")).mcpServeCommand,
  },
};
