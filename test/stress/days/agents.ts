import { randomUUID } from "node:crypto";
import { Agent, MANNERS } from "../../agent.ts";
import type { Random } from "../random.ts";
import { Calls, WAYS } from "./calls.ts";
import type { Worker } from "./known.ts";
import { identify } from "./machine.ts";
import type { Place } from "./place.ts";
import type { Town } from "./town.ts";

/** Agents by their programs: the name that the guard knows, and the variables that they set. */
const AGENTS = [
  {
    program: "claude",
    agent: "claude-code",
    env: { CLAUDECODE: "1" },
    session: "CLAUDE_CODE_SESSION_ID",
  },
  { program: "codex", agent: "codex", env: {}, session: "CODEX_THREAD_ID" },
  { program: "gemini", agent: "gemini", env: { GEMINI_CLI: "1" } },
  { program: "opencode", agent: "opencode", env: { OPENCODE: "1" } },
];

/** An agent at work: its process, the way in that it uses, and what is known of it. */
export interface Desk {
  agent: Agent;
  /** As the guard calls it. */
  name: string;
  calls: Calls;
  worker: Worker;
}

/** Starts an agent, of a kind, in a place, with a way in and a manner to start commands that are all drawn. */
export async function startAgent(
  town: Town,
  random: Random,
  note: (line: string) => void,
): Promise<Desk> {
  const drawn = random.pick(AGENTS) as (typeof AGENTS)[number];
  const place = random.pick(town.places) as Place;
  const [, manner] = random.pick(MANNERS) as (typeof MANNERS)[number];
  const way = random.pick(WAYS) as (typeof WAYS)[number];
  const session = drawn.session === undefined ? undefined : randomUUID();
  const env = { ...drawn.env, ...(drawn.session && { [drawn.session]: session }) };
  const agent = await Agent.start(town, {
    program: town.agentProgram(drawn.program),
    env: env as Record<string, string>,
  });
  const { pid } = agent;
  const name = `${drawn.program} ${pid} by ${way}`;
  const worker = { name, process: identify(pid), place, session };
  const calls = new Calls(town, agent, place, way, manner, (line) => note(`${name}: ${line}`));
  return { agent, name: drawn.agent, calls, worker };
}
