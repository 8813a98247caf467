/**
 * Agents whose MCP client has another name than the agent itself: as codex and cn send it,
 * as the sources of gemini-cli (mcp-client.ts), cline (mcp/client.ts) and continue
 * (MCPConnection.ts) have it, and for Cursor and Windsurf as their users report.
 */
const AGENTS: Record<string, string> = {
  "codex-mcp-client": "codex",
  "gemini-cli-mcp-client": "gemini",
  "gemini-cli": "gemini",
  "cursor-vscode": "cursor",
  "windsurf-client": "windsurf",
  devin: "windsurf",
  "devin-desktop": "windsurf",
  "continue-client": "continue",
  "continue-cli-client": "continue",
  "cline-core": "cline",
  "claude-ai": "claude-desktop",
};

const LONGEST = 128;

/** What a client calls itself as an agent's name: "Claude Code" → claude-code, else `null`. */
export function agentOf(clientName: string | undefined): string | null {
  const slug = (clientName ?? "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  if (slug === "") return null;
  // gemini-cli names its client "gemini-cli-mcp-client-SERVER" in some versions.
  const known = AGENTS[slug] ?? AGENTS[slug.replace(/(?<=-mcp-client)-.*$/, "")];
  return known ?? [...slug].slice(0, LONGEST).join("");
}
