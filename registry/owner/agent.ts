/** Variables by which an agent's own children know it; the first that is set decides. */
const agents = (): readonly (readonly [variable: string, agent: string])[] => [
  ["CLAUDECODE", "claude-code"],
  ["CLAUDE_CODE_SESSION_ID", "claude-code"],
  ["CODEX_THREAD_ID", "codex"],
  ["CODEX_SANDBOX", "codex"],
  ["CODEX_SANDBOX_NETWORK_DISABLED", "codex"],
  ["GEMINI_CLI", "gemini"],
  ["CURSOR_AGENT", "cursor"],
  ["WINDSURF_AGENT", "windsurf"],
  ["CLINE_ACTIVE", "cline"],
  ["OPENCODE", "opencode"],
  ["AUGMENT_AGENT", "augment"],
  ["GOOSE_TERMINAL", "goose"],
];

type Environment = Record<string, string | undefined>;

/** The agent that a call comes from: $PORTCLAIM_AGENT, else known by its own variables. */
export function detectAgent(env: Environment): string | null {
  if (env["PORTCLAIM_AGENT"]) return env["PORTCLAIM_AGENT"];
  for (const [variable, agent] of agents()) if (env[variable]) return agent;
  return null;
}

const sandboxes = (): readonly (readonly [variable: string, name: string])[] => [
  ["CODEX_SANDBOX", "Codex's sandbox"],
  ["CODEX_SANDBOX_NETWORK_DISABLED", "Codex's sandbox"],
  ["SANDBOX_RUNTIME", "Claude Code's sandbox"],
  ["SANDBOX", "Gemini CLI's sandbox"],
];

/** The sandbox that a call comes from, as far as its variables tell. */
export function detectSandbox(env: Environment): string | undefined {
  const found = sandboxes().find(([variable]) => env[variable]);
  return found && `${found[1]} (${found[0]}=${env[found[0]]})`;
}
