import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Agent } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import { guardCommand, type Hook, HOOKS } from "./agents/hooks.ts";
import { newFile } from "./edit.ts";
import { SetupError } from "./error.ts";
import { readText } from "./file.ts";
import { entryIn, Malformed, type Server } from "./format.ts";
import { AGENT_NAMES, type AgentName, type Subject } from "./names.ts";
import { oneOf, type Place } from "./place.ts";
import {
  type Plan,
  plan,
  planAfter,
  planToAdd,
  planToRemove,
  type Target,
  withoutServer,
} from "./plan.ts";
import { PROJECT_SERVER, serverOf } from "./server.ts";
import { agentsBlock, editAgentsMd, editSkill, skill, textFilesIn } from "./texts.ts";

export { placeOf } from "./place.ts";
export { apply } from "./plan.ts";

/** Where to set up an agent. */
export interface Request {
  place: Place;
  /** The project whose files to edit. Default: the user's files. */
  project?: string | undefined;
  /** Also install the skill, for agents that read skills. */
  skill?: boolean;
  /** Also install the guard's hook. */
  guard?: boolean;
}

/** What is planned for one agent. */
export interface AgentPlans {
  agent: Subject;
  files: Plan[];
}

/** One of an agent's files, and whether the server is in it. */
export interface Status {
  agent: AgentName;
  title: string;
  state: "set up" | "not set up" | "unreadable";
  path: string;
}

/** The agents that were used on this machine or have a program on PATH, and have such a file. */
export const findAgents = (request: Request): AgentName[] =>
  AGENT_NAMES.filter(
    (name) => targetsOf(name, request).length > 0 && isFound(AGENTS[name], request.place),
  );

/** The files of the agents that were found, and of those that are set up. */
export function statusOf(request: Request): Status[] {
  const found = findAgents(request);
  return AGENT_NAMES.flatMap((agent) => {
    const files = targetsOf(agent, request).map((target): Status => {
      return { agent, title: AGENTS[agent].title, state: stateOf(target), path: target.path };
    });
    return found.includes(agent) || files.some(({ state }) => state === "set up") ? files : [];
  });
}

/** Plans to add the server to the files of a subject, or to remove it. Throws a SetupError. */
export function plansFor(subject: Subject, request: Request, remove: boolean): Plan[] {
  if (subject === "agents-md") {
    return textFilesIn(request.project ?? "").map((path) =>
      plan(path, (text) => editAgentsMd(text, remove)),
    );
  }
  const add = () => {
    const server = serverFor(request);
    return targetsFor(subject, request).map((target) => planToAdd(target, server));
  };
  const plans = remove ? targetsFor(subject, request).map(planToRemove) : add();
  const readsSkills = "skills" in AGENTS[subject];
  if (request.skill || (request.guard && readsSkills)) {
    plans.push(plan(skillPath(subject, request), (before) => editSkill(before, remove)));
  }
  return request.guard ? withHook(plans, subject, request, remove) : plans;
}

/** Adds the plan for the agent's hook, which may edit a file that already has a plan. */
function withHook(plans: Plan[], name: AgentName, request: Request, remove: boolean): Plan[] {
  const { hook, path } = hookOf(name, request);
  const guard = remove ? "" : guardCommand(serverFor(request), name);
  const same = plans.find((one) => one.path === path);
  if (same === undefined)
    return [...plans, plan(path, (before) => hook.edit(before, guard, remove))];
  const edit = (before: string | undefined) => hook.edit(before, guard, remove);
  const target = targetsFor(name, request).find((one) => one.path === path);
  // The hook goes first: a file that holds nothing but the server is removed with it.
  const both =
    remove && target
      ? planAfter(plan(path, edit), withoutServer(target.format))
      : planAfter(same, edit);
  return plans.map((one) => (one === same ? both : one));
}

function hookOf(name: AgentName, { place, project }: Request): { hook: Hook; path: string } {
  const hook = HOOKS[name];
  const path =
    project === undefined ? hook?.user(place) : hook?.project && join(project, hook.project);
  if (hook && path !== undefined) return { hook, path };
  throw new SetupError("no-hooks", `${AGENTS[name].title} has no hook that portclaim can use`);
}

/** Plans for several agents, which may share a skill. Those that read no skills get none. */
export function plansForAll(agents: AgentName[], request: Request, remove: boolean): AgentPlans[] {
  const seen = new Set<string>();
  return agents.map((agent) => {
    const readsSkill = request.skill === true && "skills" in AGENTS[agent];
    const guard = request.guard === true && agent in HOOKS;
    const files = plansFor(agent, { ...request, skill: readsSkill, guard }, remove).filter(
      ({ path }) => {
        const isNew = !seen.has(path);
        seen.add(path);
        return isNew;
      },
    );
    return { agent, files };
  });
}

/** What would be added to the files of a subject. Throws a SetupError. */
export function additionsFor(subject: Subject, request: Request): { path: string; text: string }[] {
  if (subject === "agents-md") {
    return textFilesIn(request.project ?? "").map((path) => ({ path, text: agentsBlock }));
  }
  const server = serverFor(request);
  const files = targetsFor(subject, request).map(({ path, format }) => {
    return { path, text: newFile(format, server) };
  });
  if (request.skill) files.push({ path: skillPath(subject, request), text: skill });
  if (request.guard) {
    const { hook, path } = hookOf(subject, request);
    const { text = "" } = hook.edit(undefined, guardCommand(serverFor(request), subject), false);
    files.push({ path, text });
  }
  return files;
}

/** What the user has to do or know after an agent was set up. */
export function notesFor(subject: Subject, { project, guard }: Request): string[] {
  if (subject === "agents-md") return [];
  const { title, afterwards = `restart ${title} to load it` }: Agent = AGENTS[subject];
  const about = guard ? HOOKS[subject]?.note : undefined;
  const needs =
    "the file starts portclaim by its name: everyone who uses the project needs it on PATH";
  return [afterwards, ...(about ? [about] : []), ...(project === undefined ? [] : [needs])];
}

/** What the guard would add, if any of the agents has a hook for it. */
export function guardOffer(subjects: readonly Subject[]): string | undefined {
  const [first, ...others] = subjects.filter((subject) => subject in HOOKS);
  if (first === undefined) return undefined;
  const which = others.length === 0 ? first : "--all";
  return `to keep agents from ending others' servers: portclaim setup ${which} --guard`;
}

const serverFor = ({ place, project }: Request): Server =>
  project === undefined ? serverOf(place.env) : PROJECT_SERVER;

/** Throws a SetupError if the agent reads no skills. */
function skillPath(name: AgentName, { place, project }: Request): string {
  const { title, skills }: Agent = AGENTS[name];
  if (!skills) throw new SetupError("no-skills", `${title} reads no skills`);
  const directory = project === undefined ? skills.user(place) : join(project, skills.project);
  return join(directory, "portclaim/SKILL.md");
}

function targetsOf(name: AgentName, { place, project }: Request): Target[] {
  const { user, project: names = [], format }: Agent = AGENTS[name];
  const paths = project === undefined ? user(place) : oneOf(project, ...names);
  return paths.map((path) => {
    return { path, format: typeof format === "function" ? format(path) : format };
  });
}

function targetsFor(name: AgentName, request: Request): Target[] {
  const targets = targetsOf(name, request);
  if (targets.length > 0) return targets;
  throw new SetupError("no-project-file", `${AGENTS[name].title} has no file for a project`);
}

function isFound({ user, used, programs }: Agent, place: Place): boolean {
  const PATH = place.env["PATH"] ?? "";
  const files = user(place);
  const paths = [...files, ...(used?.(place) ?? files.map((file) => dirname(file)))];
  return paths.some(existsSync) || programs.some((name) => Bun.which(name, { PATH }) !== null);
}

function stateOf({ path, format }: Target): Status["state"] {
  try {
    const data = format.syntax.parse((readText(path) ?? "").replace(/^\ufeff/, "")) ?? {};
    return entryIn(data, format) === undefined ? "not set up" : "set up";
  } catch (error) {
    if (error instanceof Malformed) return "unreadable";
    throw error;
  }
}
