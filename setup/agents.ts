import type { Agent } from "./agent.ts";
import { editorAgents } from "./agents/editors.ts";
import { terminalAgents } from "./agents/terminal.ts";
import type { AgentName } from "./names.ts";

/** Each row follows the agent's documentation, or what its program was seen to write. */
export const AGENTS: Record<AgentName, Agent> = { ...terminalAgents, ...editorAgents };
