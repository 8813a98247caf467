import { join } from "node:path";
import type { Agent } from "../agent.ts";
import { NAME } from "../format.ts";
import type { AgentName } from "../names.ts";
import { configOf, oneOf, type Place, under } from "../place.ts";
import { toml } from "../toml.ts";
import { yaml } from "../yaml.ts";
import { local, servers, start, typed } from "./formats.ts";

const claudeDirectory = (place: Place) => under(place, "CLAUDE_CONFIG_DIR", ".claude");
const geminiDirectory = (place: Place) => join(under(place, "GEMINI_CLI_HOME"), ".gemini");

/** Read by several agents: https://agentskills.io, "Client implementation". */
const shared = {
  user: ({ home }: Place) => join(home, ".agents/skills"),
  project: ".agents/skills",
};

/** Agents that run in a terminal. Where they read skills was verified with `bun run e2e agents`. */
export const terminalAgents = {
  // https://code.claude.com/docs/en/mcp, "MCP installation scopes"
  "claude-code": {
    title: "Claude Code",
    format: typed,
    user: ({ env, home }) => [join(env["CLAUDE_CONFIG_DIR"] || home, ".claude.json")],
    project: [".mcp.json"],
    used: (place) => [claudeDirectory(place)],
    skills: { user: (place) => join(claudeDirectory(place), "skills"), project: ".claude/skills" },
    programs: ["claude"],
    afterwards: "start a new session of Claude Code to load it",
  },
  // https://developers.openai.com/codex/mcp
  codex: {
    title: "Codex",
    format: { syntax: toml, key: "mcp_servers", start },
    user: (place) => [join(under(place, "CODEX_HOME", ".codex"), "config.toml")],
    project: [".codex/config.toml"],
    programs: ["codex"],
    skills: shared,
    afterwards: "restart Codex to load it; it reads a project's file once the project is trusted",
  },
  // https://geminicli.com/docs/tools/mcp-server. Antigravity has files in ~/.gemini too.
  gemini: {
    title: "Gemini CLI",
    format: servers,
    user: (place) => [join(geminiDirectory(place), "settings.json")],
    project: [".gemini/settings.json"],
    used: (place) => [join(geminiDirectory(place), "projects.json")],
    programs: ["gemini"],
    skills: shared,
    afterwards: "restart Gemini CLI to load it; it starts no server in an untrusted directory",
  },
  // https://docs.github.com/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers.
  // It reads .mcp.json as well, but Claude Code takes no server of type "local" there.
  copilot: {
    title: "Copilot CLI",
    format: { ...servers, defaults: { type: "local", tools: ["*"] } },
    user: (place) => [join(under(place, "COPILOT_HOME", ".copilot"), "mcp-config.json")],
    project: [".github/mcp.json"],
    programs: ["copilot"],
    skills: shared,
    afterwards: "restart Copilot CLI to load it; it reads a project's file in a trusted directory",
  },
  // https://opencode.ai/docs/config, https://opencode.ai/docs/mcp-servers
  opencode: {
    title: "opencode",
    format: local,
    user: (place) => oneOf(join(configOf(place), "opencode"), "opencode.json", "opencode.jsonc"),
    project: ["opencode.json", "opencode.jsonc"],
    programs: ["opencode"],
    skills: shared,
  },
  // https://qwenlm.github.io/qwen-code-docs/en/users/features/mcp
  qwen: {
    title: "Qwen Code",
    format: servers,
    user: (place) => [join(under(place, "QWEN_HOME", ".qwen"), "settings.json")],
    project: [".qwen/settings.json"],
    programs: ["qwen"],
    skills: shared,
  },
  // https://block.github.io/goose/docs/guides/config-files
  goose: {
    title: "Goose",
    format: {
      syntax: yaml,
      key: "extensions",
      start: ({ command, args, env }) => ({ cmd: command, args, ...(env && { envs: env }) }),
      defaults: { name: NAME, type: "stdio", enabled: true, timeout: 300 },
    },
    user(place) {
      const root = place.env["GOOSE_PATH_ROOT"];
      const directory = root ? join(root, "config") : join(configOf(place), "goose");
      return [join(directory, "config.yaml")];
    },
    programs: ["goose"],
  },
  // https://ampcode.com/manual
  amp: {
    title: "Amp",
    format: { ...servers, key: "amp.mcpServers" },
    user: (place) => {
      const file = place.env["AMP_SETTINGS_FILE"];
      return file ? [file] : oneOf(join(configOf(place), "amp"), "settings.json", "settings.jsonc");
    },
    project: [".amp/settings.json", ".amp/settings.jsonc"],
    programs: ["amp"],
    afterwards: "restart Amp to load it; it asks for approval of a project's servers",
  },
  // https://docs.augmentcode.com/cli/integrations
  auggie: {
    title: "Auggie",
    format: typed,
    user: ({ home }) => [join(home, ".augment/settings.json")],
    programs: ["auggie"],
  },
  // https://github.com/charmbracelet/crush/tree/main/docs/config: crushrc, a script, is read too
  crush: {
    title: "Crush",
    format: { ...typed, key: "mcp" },
    user(place) {
      const directory = place.env["CRUSH_GLOBAL_CONFIG"] || join(configOf(place), "crush");
      return [join(directory, "crush.json")];
    },
    project: [".crush.json", "crush.json"],
    programs: ["crush"],
  },
} satisfies Partial<Record<AgentName, Agent>>;
