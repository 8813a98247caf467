/**
 * Agents whose MCP client sends another name than the agent's own. Observed with all agents that
 * `bun run e2e agents` starts; for Cursor and Windsurf, reported by users.
 */
const AGENTS: Record<string, string> = {
  "codex-mcp-client": "codex",
  "gemini-cli-mcp-client": "gemini",
  "gemini-cli": "gemini",
  "qwen-cli-mcp-client": "qwen",
  "copilot-cli": "copilot",
  "cursor-vscode": "cursor",
  "windsurf-client": "windsurf",
  devin: "windsurf",
  "devin-desktop": "windsurf",
  "continue-client": "continue",
  "continue-cli-client": "continue",
  "cline-core": "cline",
  "claude-ai": "claude-desktop",
};

const LONGEST_NAME = 128;

/** The agent that an MCP client's name stands for: "Claude Code" → claude-code; `null` if nothing is left. */
export function agentOfClient(clientName: string | undefined): string | null {
  const slug = (clientName ?? "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  if (slug === "") return null;
  // Gemini CLI and Qwen Code add the name of the server: "qwen-cli-mcp-client-portclaim".
  const known = AGENTS[slug] ?? AGENTS[slug.replace(/(?<=-mcp-client)-.*$/, "")];
  return known ?? [...slug].slice(0, LONGEST_NAME).join("");
}
