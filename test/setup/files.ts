import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness.ts";

/** The npm package's command line, which has agents start bunx. */
export const PACKAGE = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(ROOT, "dist/cli.js"),
];

/**
 * Each agent's own file below the home directory, and its file of a project, as its documentation
 * has them. Written out here again, so that a slip in the table of `setup` is found.
 */
export const FILES = {
  // https://code.claude.com/docs/en/mcp: user scope, project scope
  "claude-code": { user: ".claude.json", project: ".mcp.json" },
  // https://developers.openai.com/codex/mcp: "~/.codex/config.toml", trusted projects' ".codex/config.toml"
  codex: { user: ".codex/config.toml", project: ".codex/config.toml" },
  // https://geminicli.com/docs/tools/mcp-server: user and project settings.json
  gemini: { user: ".gemini/settings.json", project: ".gemini/settings.json" },
  // https://cursor.com/docs/mcp: global and project mcp.json
  cursor: { user: ".cursor/mcp.json", project: ".cursor/mcp.json" },
  // https://docs.devin.ai/cli/extensibility/mcp/configuration: Devin Desktop, formerly Windsurf
  windsurf: { user: ".config/devin/mcp_config.json", project: ".devin/mcp_config.json" },
  // https://docs.continue.dev/customize/deep-dives/mcp: config.yaml, block files of a workspace
  continue: { user: ".continue/config.yaml", project: ".continue/mcpServers/portclaim.yaml" },
  // https://docs.cline.bot/getting-started/config: "~/.cline/data/settings/cline_mcp_settings.json"
  cline: { user: ".cline/data/settings/cline_mcp_settings.json", project: undefined },
} as const;

export type AgentName = keyof typeof FILES;

export const AGENTS = Object.keys(FILES) as AgentName[];

/** A fixture's text; `undefined` if there is none. */
export function fixture(agent: AgentName, name: string): string | undefined {
  const path = join(import.meta.dir, "fixtures", agent, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
