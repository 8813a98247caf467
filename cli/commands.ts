import type { Listed } from "./command.ts";
import { acquireCommand } from "./commands/acquire.ts";
import { findCommand } from "./commands/find.ts";
import { listCommand } from "./commands/list.ts";
import { releaseCommand } from "./commands/release.ts";

/**
 * Every command by name, in the order in which help shows them. startup: all but those that scripts
 * call most are loaded when they are called.
 */
export const COMMANDS: Record<string, Listed> = {
  acquire: {
    group: "Claim",
    summary: "Claim a port and print it",
    load: async () => acquireCommand(),
  },
  run: {
    group: "Claim",
    summary: "Claim a port and run a command that uses it",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  env: {
    group: "Claim",
    summary: "Print the ports of this project's portclaim.toml as variables",
    load: async () => (await import("./commands/env.ts")).envCommand,
  },
  find: {
    group: "Claim",
    summary: "Print the port of a claimed service",
    load: async () => findCommand(),
  },
  release: {
    group: "Claim",
    summary: "Release a claimed port",
    load: async () => releaseCommand(),
  },
  url: {
    group: "Look",
    summary: "Print the URL of a server",
    load: async () => (await import("./commands/url.ts")).urlCommand,
  },
  open: {
    group: "Look",
    summary: "Open a server in the browser",
    load: async () => (await import("./commands/open.ts")).openCommand,
  },
  list: {
    group: "Look",
    summary: "List claims and what listens on their ports",
    aliases: ["ls", "ps"],
    load: async () => listCommand(),
  },
  who: {
    group: "Look",
    summary: "Show what claims a port and what listens on it",
    load: async () => (await import("./commands/who.ts")).whoCommand,
  },
  log: {
    group: "Look",
    summary: "Show what happened to claims and servers",
    load: async () => (await import("./commands/log.ts")).logCommand,
  },
  watch: {
    group: "Look",
    summary: "Print changes as they happen",
    load: async () => (await import("./commands/watch.ts")).watchCommand,
  },
  http: {
    group: "Look",
    summary: "Serve the dashboard",
    load: async () => (await import("./commands/http.ts")).httpCommand,
  },
  wait: {
    group: "Servers",
    summary: "Wait until a server is ready, or a port is free",
    load: async () => (await import("./commands/wait.ts")).waitCommand,
  },
  stop: {
    group: "Servers",
    summary: "Stop your own server",
    load: async () => (await import("./commands/stop.ts")).stopCommand,
  },
  guard: {
    group: "Set up",
    summary: "Answer an agent's hook: keep it from ending others' servers",
    load: async () => (await import("./commands/guard.ts")).guardCommand,
  },
  setup: {
    group: "Set up",
    summary: "Add the MCP server to an agent's configuration",
    load: async () => (await import("./commands/setup.ts")).setupCommand,
  },
  init: {
    group: "Set up",
    summary: "Write a commented config.toml, or a project's portclaim.toml",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  doctor: {
    group: "Set up",
    summary: "Check the registry and fix what is wrong",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  reap: {
    group: "Set up",
    summary: "Remove claims whose owners have exited, and idle ones",
    load: async () => (await import("./commands/reap.ts")).reapCommand,
  },
  completions: {
    group: "Set up",
    summary: "Print a script that completes commands in a shell",
    load: async () => (await import("./commands/completions.ts")).completionsCommand(COMMANDS),
  },
  "mcp-serve": {
    group: "Set up",
    summary: "Serve portclaim's tools to an agent, over MCP",
    load: async () => (await import("./commands/mcp-serve.ts")).mcpServeCommand,
  },
};

/** The name of the command that a word stands for: itself, or one that has it as an alias. */
export function nameOf(word: string): string | undefined {
  if (Object.hasOwn(COMMANDS, word)) return word;
  return Object.keys(COMMANDS).find((name) => COMMANDS[name]?.aliases?.includes(word));
}
