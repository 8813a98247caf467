/**
 * Agents whose MCP client sends another name than the agent's own: as seen on the wire from all that
 * `bun run e2e agents` starts; Cursor and Windsurf from users' reports.
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

/** The agent that an MCP client's name stands for: "Claude Code" → claude-code. `null` if nothing of it is left. */
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
