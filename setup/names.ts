/** The agents that `setup` knows, as it is told them. */
export const AGENT_NAMES = [
  "claude-code",
  "codex",
  "gemini",
  "cursor",
  "windsurf",
  "continue",
  "cline",
] as const;

export type AgentName = (typeof AGENT_NAMES)[number];
