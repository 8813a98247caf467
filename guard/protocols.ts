/** What the guard prints, and its exit code. */
export interface Output {
  stdout?: string;
  stderr?: string;
  code: number;
}

/** How an agent is answered. A call that may run gets no answer at all. */
export interface Protocol {
  deny(reason: string): Output;
  /** Lets the user decide. Default: a denial. */
  ask?(reason: string): Output;
  /** Gives a session its context. */
  context?(text: string): Output;
}

/** Where only exit code 2 blocks, the hook's line turns this one into it: an older portclaim exits with 2 too. */
export const BLOCKED = 10;

const json = (value: object): Output => ({ stdout: `${JSON.stringify(value)}\n`, code: 0 });

const decided = (permissionDecision: "deny" | "ask") => (permissionDecisionReason: string) =>
  json({
    hookSpecificOutput: {
      hookEventName: "PreToolUse",
      permissionDecision,
      permissionDecisionReason,
    },
  });

const sessionContext = (additionalContext: string) =>
  json({ hookSpecificOutput: { hookEventName: "SessionStart", additionalContext } });

const likeClaudeCode: Protocol = { deny: decided("deny"), context: sessionContext };
const byExitCode: Protocol = { deny: (reason) => ({ stderr: `${reason}\n`, code: BLOCKED }) };

/** Every agent with a hook, by its name in `setup`. */
export const PROTOCOLS: Record<string, Protocol> = {
  "claude-code": { ...likeClaudeCode, ask: decided("ask") },
  codex: likeClaudeCode,
  qwen: likeClaudeCode,
  gemini: {
    deny: (reason) => json({ decision: "deny", reason }),
    context: sessionContext,
  },
  copilot: {
    deny: (reason) => json({ permissionDecision: "deny", permissionDecisionReason: reason }),
  },
  cursor: {
    deny: (reason) => json({ permission: "deny", userMessage: reason, agentMessage: reason }),
    ask: (reason) => json({ permission: "ask", userMessage: reason, agentMessage: reason }),
  },
  // The plugin throws what it reads.
  opencode: { deny: (reason) => json({ decision: "deny", reason }) },
  windsurf: byExitCode,
};
