import type { Process } from "../../native/machine.ts";
import { isAgentCommand } from "./agent.ts";
import { isCommandShell, isShell, programOf } from "./wrappers.ts";

/** Terminal multiplexers, remote logins, terminals and editors: they start shells for many purposes. */
const SESSION_HOSTS =
  " tmux screen sshd sshd-session login zellij code code-server cursor windsurf zed zeditor idea " +
  "webstorm pycharm goland emacs vim nvim gnome-terminal-server konsole xterm kitty alacritty " +
  "wezterm wezterm-gui ghostty foot iTerm2 Terminal Electron ";

/** A shell that a person types into: it has a terminal, and runs neither `-c` nor a script. */
export function isInteractiveShell(process: Process, argv: readonly string[]): boolean {
  if (!process.hasTerminal || !isShell(argv) || isCommandShell(argv)) return false;
  return argv.slice(1).every((word) => word.startsWith("-") || word.startsWith("+"));
}

/**
 * Whether a process passes its environment to unrelated programs: an interactive shell, a session
 * host or an agent. None of them is ever part of a server.
 */
export function isSessionHost(process: Process, argv: readonly string[], command: string): boolean {
  return (
    isInteractiveShell(process, argv) ||
    SESSION_HOSTS.includes(` ${programOf(argv).replace(/:$/, "")} `) ||
    isAgentCommand(command)
  );
}
