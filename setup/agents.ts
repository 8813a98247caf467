import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Agent, Place, Target } from "./agent.ts";
import { json } from "./json.ts";
import { toml } from "./toml.ts";
import { yaml } from "./yaml.ts";

const plain = json();
// Claude Code and Cursor write the transport's type themselves; Devin's schema forbids it.
const typed = json({ type: "stdio" });

/** A variable's value, or a path below the home directory. */
const under = ({ env, home }: Place, variable: string, ...path: string[]) =>
  env[variable] || join(home, ...path);

const claudeFolder = (place: Place) => under(place, "CLAUDE_CONFIG_DIR", ".claude");

/**
 * Claude Code: user scope in ~/.claude.json (in $CLAUDE_CONFIG_DIR where that is set), project
 * scope in .mcp.json. https://code.claude.com/docs/en/mcp, "MCP installation scopes".
 */
const claudeCode: Agent = {
  name: "claude-code",
  title: "Claude Code",
  user: (place) => [
    { path: join(place.env["CLAUDE_CONFIG_DIR"] || place.home, ".claude.json"), format: typed },
  ],
  project: (directory) => ({ path: join(directory, ".mcp.json"), format: typed }),
  folders: (place) => [claudeFolder(place)],
  programs: ["claude"],
  isDesktop: false,
  afterwards: "start a new session of Claude Code to load it",
};

/**
 * Codex CLI and IDE: [mcp_servers.NAME] in $CODEX_HOME/config.toml, and in .codex/config.toml of
 * trusted projects. https://developers.openai.com/codex/mcp, "Connect Codex to an MCP server".
 */
const codex: Agent = {
  name: "codex",
  title: "Codex",
  user: (place) => [
    { path: join(under(place, "CODEX_HOME", ".codex"), "config.toml"), format: toml },
  ],
  project: (directory) => ({ path: join(directory, ".codex/config.toml"), format: toml }),
  folders: (place) => [under(place, "CODEX_HOME", ".codex")],
  programs: ["codex"],
  isDesktop: false,
  afterwards: "restart Codex to load it; a project's file counts once the project is trusted",
};

/**
 * Gemini CLI: mcpServers in settings.json, with comments; $GEMINI_CLI_HOME stands for the home.
 * https://geminicli.com/docs/tools/mcp-server, and packages/core/src/utils/paths.ts of its source.
 */
const gemini: Agent = {
  name: "gemini",
  title: "Gemini CLI",
  user: (place) => [
    { path: join(under(place, "GEMINI_CLI_HOME"), ".gemini/settings.json"), format: plain },
  ],
  project: (directory) => ({ path: join(directory, ".gemini/settings.json"), format: plain }),
  folders: (place) => [join(under(place, "GEMINI_CLI_HOME"), ".gemini")],
  programs: ["gemini"],
  isDesktop: false,
  afterwards: "restart Gemini CLI to load it; in a folder that isn't trusted it loads none",
};

/** Cursor: ~/.cursor/mcp.json and .cursor/mcp.json. https://cursor.com/docs/mcp */
const cursor: Agent = {
  name: "cursor",
  title: "Cursor",
  user: ({ home }) => [{ path: join(home, ".cursor/mcp.json"), format: typed }],
  project: (directory) => ({ path: join(directory, ".cursor/mcp.json"), format: typed }),
  folders: ({ home }) => [join(home, ".cursor")],
  programs: ["cursor", "cursor-agent"],
  isDesktop: true,
  afterwards: "restart Cursor, then switch it on under MCP in its settings",
};

/**
 * Windsurf, named Devin Desktop since June 2026: its agents read ~/.config/devin/mcp_config.json
 * and .devin/mcp_config.json (https://docs.devin.ai/cli/extensibility/mcp/configuration); versions
 * before that ~/.codeium/windsurf/mcp_config.json (https://docs.windsurf.com/windsurf/cascade/mcp).
 */
const windsurf: Agent = {
  name: "windsurf",
  title: "Windsurf (Devin Desktop)",
  user(place) {
    const [now, before] = this.folders(place) as [string, string];
    const folders = existsSync(before) ? [before] : [];
    if (existsSync(now) || folders.length === 0) folders.unshift(now);
    return folders.map((folder) => ({ path: join(folder, "mcp_config.json"), format: plain }));
  },
  project: (directory) => ({ path: join(directory, ".devin/mcp_config.json"), format: plain }),
  folders: ({ home }) => [join(home, ".config/devin"), join(home, ".codeium/windsurf")],
  programs: ["windsurf", "devin"],
  isDesktop: true,
  afterwards: "start a new session, or refresh its MCP servers",
};

/** What ~/.continue/config.yaml starts with where Continue itself makes it: core/config/default.ts. */
const continueConfig = yaml({ name: "Main Config", version: "1.0.0", schema: "v1" });
const continueBlock = yaml({ name: "portclaim", version: "0.0.1", schema: "v1" });

/**
 * Continue: mcpServers of ~/.continue/config.yaml, and block files in .continue/mcpServers.
 * https://docs.continue.dev/customize/deep-dives/mcp. Where it still runs on the deprecated
 * config.json, a config.yaml would replace that: then JSON in ~/.continue/mcpServers, which both
 * read (core/context/mcp/json/loadJsonMcpConfigs.ts of its source).
 */
const continueDev: Agent = {
  name: "continue",
  title: "Continue",
  user(place) {
    const [folder = ""] = this.folders(place);
    const path = join(folder, "config.yaml");
    if (existsSync(path) || !existsSync(join(folder, "config.json"))) {
      return [{ path, format: continueConfig }];
    }
    return [{ path: join(folder, "mcpServers/portclaim.json"), format: plain }];
  },
  project: (directory) => ({
    path: join(directory, ".continue/mcpServers/portclaim.yaml"),
    format: continueBlock,
  }),
  folders: (place) => [under(place, "CONTINUE_GLOBAL_DIR", ".continue")],
  programs: ["cn"],
  isDesktop: true,
  afterwards: "Continue loads it when its configuration is reloaded; tools need its agent mode",
};

/**
 * Cline: one file for the extension, the CLI and the SDK since 2026 (resolveMcpSettingsPath in
 * sdk/packages/shared/src/storage/paths.ts of its source, https://docs.cline.bot/getting-started/config);
 * older extensions keep it in VS Code's globalStorage, and go on reading only that.
 */
const cline: Agent = {
  name: "cline",
  title: "Cline",
  user(place) {
    const data = place.env["CLINE_DATA_DIR"] || join(under(place, "CLINE_DIR", ".cline"), "data");
    const name = "cline_mcp_settings.json";
    const shared = place.env["CLINE_MCP_SETTINGS_PATH"] || join(data, "settings", name);
    const older = editorFolders(place)
      .map((folder) => join(folder, "User/globalStorage/saoudrizwan.claude-dev/settings", name))
      .filter((path) => existsSync(path));
    return [shared, ...older].map((path): Target => ({ path, format: plain }));
  },
  folders: (place) => [
    under(place, "CLINE_DIR", ".cline"),
    ...editorFolders(place).map((folder) =>
      join(folder, "User/globalStorage/saoudrizwan.claude-dev"),
    ),
  ],
  programs: ["cline"],
  isDesktop: true,
  afterwards: "Cline loads it by itself; the CLI at its next start",
};

/** Where VS Code and its kin keep what their extensions store. */
function editorFolders({ home, platform, env }: Place): string[] {
  const base =
    platform === "darwin"
      ? join(home, "Library/Application Support")
      : env["XDG_CONFIG_HOME"] || join(home, ".config");
  return ["Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf"].map((name) =>
    join(base, name),
  );
}

export const AGENTS: readonly Agent[] = [
  claudeCode,
  codex,
  gemini,
  cursor,
  windsurf,
  continueDev,
  cline,
];

/** Where Claude Code keeps a skill: https://code.claude.com/docs/en/skills, "Where skills live". */
export function skillPath(place: Place, project: string | undefined): string {
  const folder = project === undefined ? claudeFolder(place) : join(project, ".claude");
  return join(folder, "skills/portclaim/SKILL.md");
}
