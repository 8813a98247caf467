import { describe, expect, test } from "bun:test";
import { isOfInterest } from "../../guard/entry.ts";
import { readInput } from "../../guard/input.ts";
import { PROTOCOLS } from "../../guard/protocols.ts";

const LINE = "pkill -f vite";
const CWD = "/home/me/shop";

// As the agents' documentation shows them, and as the programs were seen to send them.
const RECORDED: [string, object][] = [
  [
    "claude-code",
    {
      session_id: "s-1",
      hook_event_name: "PreToolUse",
      tool_name: "Bash",
      tool_input: { command: LINE },
      cwd: CWD,
    },
  ],
  [
    "gemini",
    {
      hook_event_name: "BeforeTool",
      tool_name: "run_shell_command",
      tool_input: { command: LINE },
      cwd: CWD,
    },
  ],
  ["copilot", { sessionId: "s-1", cwd: CWD, toolName: "bash", toolArgs: { command: LINE } }],
  [
    "copilot, arguments as text",
    { cwd: CWD, toolName: "bash", toolArgs: JSON.stringify({ command: LINE }) },
  ],
  ["cursor", { hook_event_name: "beforeShellExecution", command: LINE, cwd: CWD }],
  [
    "windsurf",
    { agent_action_name: "pre_run_command", tool_info: { command_line: LINE, cwd: CWD } },
  ],
  ["cline", { cwd: CWD, tool_call: { input: { commands: [LINE] } } }],
  [
    "codex, as a list",
    { tool_name: "Bash", tool_input: { command: ["bash", "-lc", LINE] }, cwd: CWD },
  ],
  ["opencode", { tool: "bash", args: { command: LINE }, cwd: CWD }],
];

test.each(RECORDED)("%s: the command and its directory are read", (_, data) => {
  expect(readInput(JSON.stringify(data))).toMatchObject({ event: "command", line: LINE, cwd: CWD });
});

test.each([
  "",
  "{",
  "[]",
  "null",
  '"x"',
  "{}",
  '{"tool_input":null}',
  '{"tool_input":{"command":7}}',
])("%j asks nothing", (text) => expect(readInput(text)).toBeUndefined());

test("the start of a session is known by its event", () => {
  const data = { hook_event_name: "SessionStart", session_id: "s-1", cwd: CWD, source: "startup" };
  expect(readInput(JSON.stringify(data))).toMatchObject({ event: "session", session: "s-1" });
  expect(isOfInterest(JSON.stringify(data))).toBe(true);
});

test("a command without a word of interest is known by its text alone", () => {
  expect(isOfInterest('{"tool_input":{"command":"npm run build 2>/dev/null"}}')).toBe(false);
  expect(isOfInterest(`{"tool_input":{"command":"${LINE}"}}`)).toBe(true);
});

describe("a denial", () => {
  test.each(Object.entries(PROTOCOLS))(
    "to %s carries its reason, and never exit code 2",
    (_, { deny }) => {
      const { code, stdout = "", stderr = "" } = deny('it serves "web"');
      expect(code).not.toBe(2);
      if (code === 0) expect(JSON.stringify(JSON.parse(stdout))).toContain('it serves \\"web\\"');
      else expect(stderr).toBe('it serves "web"\n');
    },
  );
});
