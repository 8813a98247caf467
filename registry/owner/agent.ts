interface Known {
  agent: string;
  /** Variables that it sets for its child processes. Any one identifies it. */
  variables: readonly string[];
  /** Variables with its session id, best first. */
  sessions?: readonly string[];
}

/** The first row with a variable that is set wins. startup: a function, as not every command needs it. */
const agents = (): readonly Known[] => [
  {
    agent: "claude-code",
    variables: ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID"],
    sessions: ["CLAUDE_CODE_SESSION_ID"],
  },
  {
    agent: "codex",
    variables: [
      "CODEX_THREAD_ID",
      "CODEX_SESSION_ID",
      "CODEX_CI",
      "CODEX_SANDBOX",
      "CODEX_SANDBOX_NETWORK_DISABLED",
    ],
    sessions: ["CODEX_SESSION_ID", "CODEX_THREAD_ID"],
  },
  { agent: "qwen", variables: ["QWEN_CODE"], sessions: ["QWEN_CODE_SESSION_ID"] },
  { agent: "gemini", variables: ["GEMINI_CLI"] },
  {
    agent: "copilot",
    variables: ["COPILOT_CLI", "COPILOT_AGENT_SESSION_ID"],
    sessions: ["COPILOT_AGENT_SESSION_ID"],
  },
  { agent: "cursor", variables: ["CURSOR_AGENT"] },
  { agent: "windsurf", variables: ["WINDSURF_AGENT"] },
  { agent: "antigravity", variables: ["ANTIGRAVITY_AGENT"] },
  { agent: "cline", variables: ["CLINE_ACTIVE", "CLINE_CONNECTOR_CLI_LAUNCH"] },
  // Kilo Code also sets OPENCODE.
  { agent: "kilo", variables: ["KILO", "KILO_PID"] },
  { agent: "opencode", variables: ["OPENCODE", "OPENCODE_PID"] },
  { agent: "augment", variables: ["AUGMENT_AGENT"] },
  { agent: "goose", variables: ["GOOSE_TERMINAL"], sessions: ["AGENT_SESSION_ID"] },
  {
    agent: "amp",
    variables: ["AMP_CURRENT_THREAD_ID"],
    sessions: ["AMP_CURRENT_THREAD_ID"],
  },
  { agent: "crush", variables: ["CRUSH"] },
];

type Environment = Record<string, string | undefined>;

const findAgent = (env: Environment) =>
  agents().find(({ variables }) => variables.some((name) => env[name]));

/** The agent whose variables are set. Everything that it starts inherits them. */
export function agentOfVariables(env: Environment): string | undefined {
  return findAgent(env)?.agent;
}

/** The agent that a call comes from: $PORTCLAIM_AGENT, else the one whose variables are set. */
export function detectAgent(env: Environment): string | null {
  return env["PORTCLAIM_AGENT"] || (agentOfVariables(env) ?? null);
}

/**
 * The session id of the agent that a call comes from. Everything that the agent starts inherits it.
 * `undefined` if there is no agent, or it has no variable for its session.
 */
export function agentSession(env: Environment): { variable: string; value: string } | undefined {
  for (const variable of findAgent(env)?.sessions ?? []) {
    const value = env[variable];
    if (value) return { variable, value };
  }
  return undefined;
}

const sandboxes = (): readonly (readonly [variable: string, name: string])[] => [
  ["CODEX_SANDBOX", "Codex's sandbox"],
  ["CODEX_SANDBOX_NETWORK_DISABLED", "Codex's sandbox"],
  ["SANDBOX_RUNTIME", "Claude Code's sandbox"],
  ["SANDBOX", "Gemini CLI's sandbox"],
];

/** The sandbox that a call comes from, if a variable identifies it. */
export function detectSandbox(env: Environment): string | undefined {
  const found = sandboxes().find(([variable]) => env[variable]);
  return found && `${found[1]} (${found[0]}=${env[found[0]]})`;
}

/** Agents by their program. startup: one string, because searching it needs no parsing. */
const PROGRAMS =
  " claude=claude-code codex=codex gemini=gemini qwen=qwen qwen-code=qwen copilot=copilot opencode=opencode " +
  "cursor-agent=cursor cline=cline cn=continue auggie=augment goose=goose amp=amp crush=crush kilo=kilo " +
  "droid=droid kiro-cli=kiro windsurf=windsurf agy=antigravity ";

/** The agent whose program a command name ("claude", "node gemini") is, if any. */
export function agentOfCommand(command: string): string | undefined {
  const program = command.slice(command.lastIndexOf(" ") + 1).replace(/\.(js|mjs|cjs)$/, "");
  const at = PROGRAMS.indexOf(` ${program}=`);
  if (at < 0) return undefined;
  const start = at + program.length + 2;
  return PROGRAMS.slice(start, PROGRAMS.indexOf(" ", start));
}

export const isAgentCommand = (command: string): boolean => agentOfCommand(command) !== undefined;
