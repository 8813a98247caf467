import { expect, test } from "bun:test";
import { agentOfClient } from "../../../registry/owner/mcp-client.ts";

test.each([
  ["claude-code", "claude-code"],
  ["Claude Code", "claude-code"],
  ["codex-mcp-client", "codex"],
  ["gemini-cli-mcp-client", "gemini"],
  ["gemini-cli-mcp-client-portclaim", "gemini"],
  ["qwen-cli-mcp-client-portclaim", "qwen"],
  ["copilot-cli", "copilot"],
  ["cursor-vscode", "cursor"],
  ["Cline", "cline"],
  ["@cline/core", "cline"],
  ["continue-cli-client", "continue"],
  ["Someone's / Editor", "someone-s-editor"],
  ["x".repeat(200), "x".repeat(128)],
  ["   ", null],
  [undefined, null],
])("an MCP client called %j is the agent %j", (client, agent) => {
  expect(agentOfClient(client)).toBe(agent);
});
