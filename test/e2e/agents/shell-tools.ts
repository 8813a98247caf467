import type { OfferedTool } from "./protocol.ts";

const NAMES = [
  "Bash", // Claude Code, Continue
  "bash", // opencode, Copilot CLI
  "exec_command", // Codex
  "shell_command",
  "run_shell_command", // Gemini CLI, Qwen Code
  "run_commands", // Cline
  "execute_command",
  "launch-process", // Auggie
];

export const isShellTool = ({ name }: OfferedTool): boolean => NAMES.includes(name);

/** The input by which an agent's shell tool runs a command, in the background by its own means if it has any. */
export function shellInput(tool: OfferedTool, command: string, background: boolean): object {
  const { properties = {} } = tool.schema;
  const flag = ["run_in_background", "is_background"].find((name) => name in properties);
  // Codex leaves a command running that takes longer than this.
  const yields = "yield_time_ms" in properties;
  const line = background && !flag && !yields ? `(${command}) > /dev/null 2>&1 &` : command;
  return {
    ...("commands" in properties
      ? { commands: [line] }
      : { ["cmd" in properties ? "cmd" : "command"]: line }),
    ...("description" in properties && { description: "Run a command" }),
    ...(flag && { [flag]: background }),
    ...(yields && { yield_time_ms: background ? 1500 : 20_000 }),
  };
}
