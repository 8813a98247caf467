/** The agents that `setup` knows. */
export const AGENT_NAMES = [
  "claude-code",
  "codex",
  "gemini",
  "antigravity",
  "cursor",
  "vscode",
  "copilot",
  "opencode",
  "kilo",
  "qwen",
  "windsurf",
  "continue",
  "cline",
  "zed",
  "goose",
  "kiro",
  "amp",
  "auggie",
  "warp",
  "crush",
] as const;

export type AgentName = (typeof AGENT_NAMES)[number];

/** What can be set up: an agent, or a project's AGENTS.md. */
export type Subject = AgentName | "agents-md";

export const SUBJECTS: readonly Subject[] = [...AGENT_NAMES, "agents-md"];

export const ALIASES: Record<string, AgentName> = { devin: "windsurf" };
