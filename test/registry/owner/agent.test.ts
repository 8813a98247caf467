import { describe, expect, test } from "bun:test";
import {
  agentOfCommand,
  agentSession,
  detectAgent,
  detectSandbox,
} from "../../../registry/owner/agent.ts";

describe("an agent is known by what it sets for its shell", () => {
  test.each([
    ["claude-code", { CLAUDECODE: "1", AI_AGENT: "claude-code_2-1-332_agent" }],
    ["claude-code", { CLAUDE_CODE_SESSION_ID: "a" }],
    ["codex", { CODEX_THREAD_ID: "a" }],
    ["codex", { CODEX_SESSION_ID: "a" }],
    ["codex", { CODEX_CI: "1" }],
    ["codex", { CODEX_SANDBOX: "seatbelt" }],
    ["gemini", { GEMINI_CLI: "1" }],
    ["qwen", { QWEN_CODE: "1" }],
    ["copilot", { COPILOT_CLI: "1" }],
    ["copilot", { COPILOT_AGENT_SESSION_ID: "a" }],
    ["cursor", { CURSOR_AGENT: "1" }],
    ["windsurf", { WINDSURF_AGENT: "1" }],
    ["antigravity", { ANTIGRAVITY_AGENT: "1" }],
    ["cline", { CLINE_ACTIVE: "true" }],
    ["cline", { CLINE_CONNECTOR_CLI_LAUNCH: '{"launcher":"cline"}' }],
    ["opencode", { OPENCODE: "1", OPENCODE_PID: "7", AGENT: "1" }],
    ["kilo", { OPENCODE: "1", KILO_PID: "7", AGENT: "1" }],
    ["augment", { AUGMENT_AGENT: "1" }],
    ["goose", { GOOSE_TERMINAL: "1", AGENT: "goose" }],
    ["amp", { AMP_CURRENT_THREAD_ID: "T-a", AGENT: "amp" }],
    ["crush", { CRUSH: "1", AGENT: "crush" }],
  ])("%s by %j", (agent, env: Record<string, string>) => {
    expect(detectAgent(env)).toBe(agent);
  });

  test.each([
    ["nothing is set", {}, null],
    ["a variable is empty", { CLAUDECODE: "", OPENCODE_PID: "" }, null],
    ["PORTCLAIM_AGENT says otherwise", { CLAUDECODE: "1", PORTCLAIM_AGENT: "mine" }, "mine"],
    ["PORTCLAIM_AGENT is empty", { CLAUDECODE: "1", PORTCLAIM_AGENT: "" }, "claude-code"],
  ])("unless %s", (_what, env: Record<string, string>, agent) => {
    expect(detectAgent(env)).toBe(agent);
  });
});

describe("an agent's session", () => {
  test.each([
    ["CLAUDE_CODE_SESSION_ID", { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "a" }],
    ["CODEX_SESSION_ID", { CODEX_THREAD_ID: "b", CODEX_SESSION_ID: "a" }],
    ["CODEX_THREAD_ID", { CODEX_THREAD_ID: "a", CODEX_SESSION_ID: "" }],
    ["QWEN_CODE_SESSION_ID", { QWEN_CODE: "1", QWEN_CODE_SESSION_ID: "a" }],
    ["COPILOT_AGENT_SESSION_ID", { COPILOT_CLI: "1", COPILOT_AGENT_SESSION_ID: "a" }],
    ["AGENT_SESSION_ID", { GOOSE_TERMINAL: "1", AGENT_SESSION_ID: "a" }],
    ["AMP_CURRENT_THREAD_ID", { AMP_CURRENT_THREAD_ID: "a" }],
  ])("is the value of %s in %j", (variable, env: Record<string, string>) => {
    expect(agentSession(env)).toEqual({ variable, value: "a" });
  });

  test.each([
    [{}],
    [{ CLAUDECODE: "1" }],
    // A pid comes again, and another program may have a session of that name.
    [{ OPENCODE: "1", OPENCODE_PID: "7" }],
    [{ AGENT_SESSION_ID: "a" }],
    // The agent of the shell is the one that is known first, not one around it.
    [{ GEMINI_CLI: "1", COPILOT_AGENT_SESSION_ID: "a" }],
  ])("is unknown in %j", (env: Record<string, string>) => {
    expect(agentSession(env)).toBeUndefined();
  });
});

test.each([
  ["claude", "claude-code"],
  ["node cn", "continue"],
  ["node gemini.js", "gemini"],
  ["node qwen-code", "qwen"],
  ["agy", "antigravity"],
  ["bash", undefined],
  ["node claude=", undefined],
  ["", undefined],
])("the program of the command %j is the agent %j", (command, agent) => {
  expect(agentOfCommand(command)).toBe(agent);
});

test("a sandbox is known by its variable", () => {
  expect(detectSandbox({ CODEX_SANDBOX: "seatbelt" })).toContain("CODEX_SANDBOX=seatbelt");
  expect(detectSandbox({})).toBeUndefined();
});
