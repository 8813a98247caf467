import { join } from "node:path";
import type { Server } from "../format.ts";
import { byJson, type EditHook, ownFile } from "../hook-files.ts";
import type { AgentName } from "../names.ts";
import { configOf, type Place, under } from "../place.ts";

/** Where an agent's hook goes. */
export interface Hook {
  user(place: Place): string;
  /** Its file for a project. */
  project?: string;
  edit: EditHook;
  /** What the user has to do afterwards. */
  note?: string;
}

const commandHook = (command: string) => ({ type: "command", command });

/** Hooks in Claude Code's layout: lists by event and matcher. */
function likeClaudeCode(event: string, matcher: string) {
  return byJson((command) => [
    { path: ["hooks", event], value: { matcher, hooks: [commandHook(command)] } },
    { path: ["hooks", "SessionStart"], value: { hooks: [commandHook(command)] } },
  ]);
}

/** The hooks of agents that have one with which a denied command does no other harm. */
export const HOOKS: Partial<Record<AgentName, Hook>> = {
  // https://code.claude.com/docs/en/hooks
  "claude-code": {
    user: (place) => join(under(place, "CLAUDE_CONFIG_DIR", ".claude"), "settings.json"),
    project: ".claude/settings.json",
    edit: likeClaudeCode("PreToolUse", "Bash"),
  },
  // https://developers.openai.com/codex/hooks
  codex: {
    user: (place) => join(under(place, "CODEX_HOME", ".codex"), "hooks.json"),
    project: ".codex/hooks.json",
    edit: likeClaudeCode("PreToolUse", "Bash"),
    note: "Codex runs the hook once you trust it: type /hooks in Codex",
  },
  // https://geminicli.com/docs/hooks
  gemini: {
    user: (place) => join(under(place, "GEMINI_CLI_HOME"), ".gemini", "settings.json"),
    project: ".gemini/settings.json",
    edit: likeClaudeCode("BeforeTool", "run_shell_command"),
  },
  // https://qwenlm.github.io/qwen-code-docs/en/users/features/hooks
  qwen: {
    user: (place) => join(under(place, "QWEN_HOME", ".qwen"), "settings.json"),
    project: ".qwen/settings.json",
    edit: likeClaudeCode("PreToolUse", "run_shell_command"),
  },
  // https://docs.github.com/copilot/concepts/agents/coding-agent/about-hooks
  copilot: {
    user: (place) => join(under(place, "COPILOT_HOME", ".copilot"), "hooks/portclaim.json"),
    project: ".github/hooks/portclaim.json",
    edit: ownFile((guard) => {
      const hook = { type: "command", bash: guard, timeoutSec: 5 };
      return `${JSON.stringify({ version: 1, hooks: { preToolUse: [hook] } }, null, 2)}\n`;
    }),
  },
  // https://cursor.com/docs/agent/hooks
  cursor: {
    user: ({ home }) => join(home, ".cursor/hooks.json"),
    project: ".cursor/hooks.json",
    edit: byJson((command) => [{ path: ["hooks", "beforeShellExecution"], value: { command } }], {
      version: 1,
    }),
  },
  // https://docs.windsurf.com/windsurf/cascade/hooks: only exit code 2 blocks
  windsurf: {
    user: ({ home }) => join(home, ".codeium/windsurf/hooks.json"),
    project: ".windsurf/hooks.json",
    edit: byJson((guard) => {
      const command = `${guard}; [ $? -eq 10 ] && exit 2; exit 0`;
      return [{ path: ["hooks", "pre_run_command"], value: { command, show_output: false } }];
    }),
  },
  // https://opencode.ai/docs/plugins
  opencode: {
    user: (place) => join(configOf(place), "opencode/plugin/portclaim.js"),
    project: ".opencode/plugin/portclaim.js",
    edit: ownFile(openCodePlugin),
  },
};

/** The command of a hook. A project's file is committed, so it names no path of this machine. */
export function guardCommand({ command, env }: Server, agent: AgentName): string {
  const quote = (word: string) =>
    /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${quote(value)} `);
  return `${variables.join("")}${quote(command)} guard ${agent}`;
}

function openCodePlugin(guard: string): string {
  return `// Written by portclaim: it asks the guard before each shell command.
export const portclaim = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    if (input.tool !== "bash") return;
    const asked = { command: output.args.command, cwd: output.args.workdir ?? directory };
    let answer;
    try {
      const child = Bun.spawn(["sh", "-c", ${JSON.stringify(guard)}], {
        stdin: new Blob([JSON.stringify(asked)]),
        stderr: "ignore",
      });
      answer = JSON.parse(await new Response(child.stdout).text());
    } catch {
      return;
    }
    if (answer.decision === "deny") throw new Error(answer.reason);
  },
});
`;
}
