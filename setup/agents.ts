import type { Agent } from "./agent.ts";
import { editorAgents } from "./agents/editors.ts";
import { terminalAgents } from "./agents/terminal.ts";
import type { AgentName } from "./names.ts";

/** Each row is as the agent's documentation has it, or as its program was seen to write it. */
export const AGENTS: Record<AgentName, Agent> = { ...terminalAgents, ...editorAgents };
