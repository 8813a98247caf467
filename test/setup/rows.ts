import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import type { AgentName } from "../../setup/names.ts";

/** Where an agent looks for its servers, below the home directory or a project's, and how. */
export interface Row {
  user: string;
  project?: string;
  syntax: "json" | "toml" | "yaml" | "yaml list";
  key: string;
  /** The entry that starts `command` with `args` and `env`. */
  entry(command: string, args: string[], env?: Record<string, string>): object;
  /** A path below the home directory that exists once the agent was used. */
  used: string;
  program: string;
}

type Entry = Row["entry"];

const plain: Entry = (command, args, env) => ({ command, args, ...(env && { env }) });
const stdio: Entry = (...start) => ({ type: "stdio", ...plain(...start) });
const local: Entry = (command, args, env) => ({
  type: "local",
  enabled: true,
  command: [command, ...args],
  ...(env && { environment: env }),
});

/** An agent whose servers are in JSON. */
const json = (
  key: string,
  entry: Entry,
  used: string,
  program: string,
  user: string,
  project?: string,
): Row => ({ syntax: "json", key, entry, used, program, user, ...(project && { project }) });

/**
 * The agents' files as their documentation has them, or as their own programs were seen to write
 * them. Written out once more, so that a slip in the table of `setup` is found.
 */
export const ROWS: Record<AgentName, Row> = {
  "claude-code": json("mcpServers", stdio, ".claude", "claude", ".claude.json", ".mcp.json"),
  codex: {
    syntax: "toml",
    key: "mcp_servers",
    entry: plain,
    used: ".codex",
    program: "codex",
    user: ".codex/config.toml",
    project: ".codex/config.toml",
  },
  gemini: json(
    "mcpServers",
    plain,
    ".gemini/projects.json",
    "gemini",
    ".gemini/settings.json",
    ".gemini/settings.json",
  ),
  antigravity: json(
    "mcpServers",
    plain,
    ".gemini/antigravity-ide",
    "agy",
    ".gemini/config/mcp_config.json",
    ".agents/mcp_config.json",
  ),
  cursor: json("mcpServers", stdio, ".cursor", "cursor", ".cursor/mcp.json", ".cursor/mcp.json"),
  vscode: json(
    "servers",
    stdio,
    ".config/Code/User",
    "code",
    ".config/Code/User/mcp.json",
    ".vscode/mcp.json",
  ),
  copilot: json(
    "mcpServers",
    (...start) => ({ type: "local", tools: ["*"], ...plain(...start) }),
    ".copilot",
    "copilot",
    ".copilot/mcp-config.json",
    ".github/mcp.json",
  ),
  opencode: json(
    "mcp",
    local,
    ".config/opencode",
    "opencode",
    ".config/opencode/opencode.json",
    "opencode.json",
  ),
  kilo: json("mcp", local, ".config/kilo", "kilo", ".config/kilo/kilo.jsonc", ".kilo/kilo.jsonc"),
  qwen: json("mcpServers", plain, ".qwen", "qwen", ".qwen/settings.json", ".qwen/settings.json"),
  windsurf: json(
    "mcpServers",
    plain,
    ".config/devin",
    "windsurf",
    ".config/devin/mcp_config.json",
    ".devin/mcp_config.json",
  ),
  continue: {
    syntax: "yaml list",
    key: "mcpServers",
    entry: (...start) => ({ name: "portclaim", ...plain(...start) }),
    used: ".continue",
    program: "cn",
    user: ".continue/config.yaml",
    project: ".continue/mcpServers/portclaim.yaml",
  },
  cline: json(
    "mcpServers",
    plain,
    ".cline",
    "cline",
    ".cline/data/settings/cline_mcp_settings.json",
  ),
  zed: json(
    "context_servers",
    plain,
    ".config/zed",
    "zed",
    ".config/zed/settings.json",
    ".zed/settings.json",
  ),
  goose: {
    syntax: "yaml",
    key: "extensions",
    entry: (cmd, args, envs) => ({
      name: "portclaim",
      type: "stdio",
      enabled: true,
      timeout: 300,
      cmd,
      args,
      ...(envs && { envs }),
    }),
    used: ".config/goose",
    program: "goose",
    user: ".config/goose/config.yaml",
  },
  kiro: json(
    "mcpServers",
    plain,
    ".kiro",
    "kiro",
    ".kiro/settings/mcp.json",
    ".kiro/settings/mcp.json",
  ),
  amp: json(
    "amp.mcpServers",
    plain,
    ".config/amp",
    "amp",
    ".config/amp/settings.json",
    ".amp/settings.json",
  ),
  auggie: json("mcpServers", stdio, ".augment", "auggie", ".augment/settings.json"),
  warp: json("mcpServers", plain, ".warp", "warp-terminal", ".warp/.mcp.json", ".warp/.mcp.json"),
  crush: json("mcp", stdio, ".config/crush", "crush", ".config/crush/crush.json", ".crush.json"),
};

function read({ syntax }: Row, text: string): any {
  if (syntax === "json") return JSON.parse(text);
  return syntax === "toml" ? parseToml(text) : parseYaml(text);
}

/** The server's entry in an agent's file, read by another parser than that of `setup`. */
export function entryOf(row: Row, text: string): object {
  const servers = read(row, text)[row.key];
  return Array.isArray(servers)
    ? servers.find(({ name }) => name === "portclaim")
    : servers.portclaim;
}

/** A file of the user's that an agent's row is added to. `OWN` stands for the server's entry. */
export function fileOf(row: Row, own?: object): string {
  const { syntax, key } = row;
  if (syntax === "json") {
    const servers = { other: { command: "x", args: ["a"], env: { T: "secret" } } };
    const all = own ? { portclaim: own, ...servers } : servers;
    return `${JSON.stringify({ theme: "dark", [key]: all, last: [1, [2]] }, null, "\t")}\n`;
  }
  if (syntax === "toml") {
    const lines = Object.entries(own ?? {}).map(
      ([name, one]) => `${name} = ${JSON.stringify(one)}\n`,
    );
    const table = own ? `[${key}.portclaim] # mine\n${lines.join("")}\n` : "";
    return `a = 1 # one\n\n${table}[${key}.other]\ncommand = 'x'\n\n# The end\n[z]\n`;
  }
  const entry = own && JSON.stringify(own);
  return syntax === "yaml"
    ? `a: 1   # one\n${key}:\n${own ? `    portclaim: ${entry}\n` : ""}    other: {cmd: x}  # c\n\nz: "1"\n`
    : `a: 1   # one\n${key}:\n${own ? `-   ${entry}\n` : ""}-   name: other\n    command: "x"  # c\n\nz: "1"\n`;
}
