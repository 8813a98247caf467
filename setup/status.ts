import { existsSync } from "node:fs";
import type { Agent, Place, Target } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import { readText } from "./file.ts";
import { Malformed } from "./format.ts";

/** One of an agent's files, and whether the server is in it. */
export interface Status {
  agent: string;
  title: string;
  state: "set up" | "not set up" | "unreadable";
  path: string;
}

/** The files of the agents that were used here, or whose program is on PATH. */
export function statusOf(place: Place, project: string | undefined): Status[] {
  return AGENTS.filter((agent) => isHere(agent, place)).flatMap((agent) =>
    targetsOf(agent, place, project).map((target) => ({
      agent: agent.name,
      title: agent.title,
      state: stateOf(target),
      path: target.path,
    })),
  );
}

/** Where an agent looks for its servers: everywhere of this user's, or in a project. */
export function targetsOf(agent: Agent, place: Place, project: string | undefined): Target[] {
  if (project === undefined) return agent.user(place);
  const target = agent.project?.(project);
  return target ? [target] : [];
}

function isHere(agent: Agent, place: Place): boolean {
  const PATH = place.env["PATH"] ?? "";
  const wasUsed = agent.folders(place).some((path) => existsSync(path));
  return wasUsed || agent.programs.some((name) => Bun.which(name, { PATH }) !== null);
}

function stateOf({ path, format }: Target): Status["state"] {
  const text = readText(path);
  if (text === undefined) return "not set up";
  try {
    return format.find(format.parse(text)) === undefined ? "not set up" : "set up";
  } catch (error) {
    if (error instanceof Malformed) return "unreadable";
    throw error;
  }
}
