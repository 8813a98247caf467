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

/** Variables in which agents hand the id of their session to all that they start. */
const SESSION_VARIABLES = [
  "CLAUDE_CODE_SESSION_ID",
  "CODEX_SESSION_ID",
  "CODEX_THREAD_ID",
  "COPILOT_AGENT_SESSION_ID",
];

/** Characters. A shorter value could be equal by chance. */
const MIN_SESSION_LENGTH = 8;

/** The id of the agent's session that a call comes from. */
export function detectSession(env: Environment): string | undefined {
  for (const variable of SESSION_VARIABLES) {
    const value = env[variable];
    if (value !== undefined && value.length >= MIN_SESSION_LENGTH) return value;
  }
  return undefined;
}

const AGENT_PROGRAMS =
  " claude codex gemini qwen copilot opencode cursor-agent cline cn auggie goose amp crush kilo droid kiro-cli windsurf agy ";

/** Whether a command name ("claude", "node gemini") is that of an agent. */
export function isAgentCommand(command: string): boolean {
  const words = command.split(" ");
  const program = (words.at(-1) ?? "").replace(/\.(js|mjs|cjs)$/, "");
  return AGENT_PROGRAMS.includes(` ${program} `);
}
