import { statSync } from "node:fs";
import { homedir } from "node:os";
import { UsageError } from "../cli/command.ts";
import { type Io, printJson } from "../cli/output/io.ts";
import { table } from "../cli/output/table.ts";
import type { Parsed } from "../cli/parse/argv.ts";
import { suggest } from "../cli/parse/suggest.ts";
import { unless } from "../native/errno.ts";
import type { Agent, Place } from "./agent.ts";
import { AGENTS, skillPath } from "./agents.ts";
import { carryOut, type Plan, planToAdd, planToRemove } from "./change.ts";
import { AGENT_NAMES } from "./names.ts";
import { serverOf } from "./program.ts";
import { planSkill, skill } from "./skill.ts";
import { statusOf, targetsOf } from "./status.ts";

/** Shows the agents of this machine, or changes the files of one. */
export function setup(args: Parsed, io: Io): void {
  const agent = agentOf(args);
  const place = placeOf(io);
  const project = args.has("project") ? io.cwd() : undefined;
  if (agent === undefined) return showStatus(place, project, io);
  if (args.has("print")) return print(agent, place, project, args, io);
  const plans = plansFor(agent, place, project, args, io);
  for (const plan of plans) carryOut(plan, project === undefined);
  const files = plans.map(({ path, change }) => ({ path, change }));
  if (io.json) printJson(io, { agent: agent.name, files });
  else io.print(files.map(({ path, change }) => `${SAID[change](args)}: ${path}\n`).join(""));
  sayMore(agent, files, project, args, io);
}

const SAID: Record<Plan["change"], (args: Parsed) => string> = {
  added: () => "added",
  updated: () => "updated",
  removed: () => "removed",
  none: (args) => (args.has("remove") ? "not set up" : "already set up"),
};

function agentOf(args: Parsed): Agent | undefined {
  const name = args.text("agent");
  if (args.has("print") && args.has("remove")) {
    throw new UsageError("Cannot use --print with --remove: they ask for different things");
  }
  const flag = ["print", "remove", "skill"].find((one) => args.has(one));
  if (name === undefined) {
    if (flag === undefined) return undefined;
    throw new UsageError(`Cannot use --${flag}: no agent is named`, "see: portclaim setup");
  }
  const agent = AGENTS.find((one) => one.name === name);
  if (agent === undefined) {
    const near = suggest(name, AGENT_NAMES);
    throw new UsageError(
      `Cannot set up ${JSON.stringify(name)}: the agents are ${AGENT_NAMES.join(", ")}`,
      near && `did you mean: portclaim setup ${near}?`,
    );
  }
  if (args.has("skill") && agent.name !== "claude-code") {
    throw new UsageError(`Cannot use --skill: it is for claude-code, not for ${agent.name}`);
  }
  if (args.has("project") && agent.project === undefined) {
    const message = `Cannot set up ${agent.title} for a project: it has no file for that`;
    throw new UsageError(message, "leave --project out");
  }
  return agent;
}

function placeOf({ env }: Io): Place {
  const home = env["HOME"]?.startsWith("/") ? env["HOME"] : homedir();
  const owner = unless(["ENOENT", "EACCES"], () => statSync(home))?.uid;
  // What root writes there, the user's agent could no longer change.
  if (process.geteuid?.() === 0 && owner !== undefined && owner !== 0) {
    throw new UsageError(`Cannot set up agents in ${home}: it is another user's`, "leave sudo out");
  }
  return { home, env, platform: process.platform };
}

function showStatus(place: Place, project: string | undefined, io: Io): void {
  const found = statusOf(place, project);
  if (io.json) return printJson(io, found);
  const rows = found.map(({ agent, state, path }) => [agent, state, path]);
  if (rows.length > 0) io.print(table(["AGENT", "STATE", "FILE"], rows, io.color));
  if (rows.length === 0) io.say(`none of these was found here: ${AGENT_NAMES.join(", ")}`);
  if (found.some(({ state }) => state === "not set up")) io.say("to add it: portclaim setup AGENT");
}

function print(
  agent: Agent,
  place: Place,
  project: string | undefined,
  args: Parsed,
  io: Io,
): void {
  const server = serverOf(place.env);
  const files = targetsOf(agent, place, project).map(({ path, format }) => {
    return { path, text: format.whole(server) };
  });
  if (args.has("skill")) files.push({ path: skillPath(place, project), text: skill });
  // Not by itself: what is printed is meant to be pasted.
  if (args.has("json")) return printJson(io, { agent: agent.name, files });
  const texts = new Set(files.map(({ text }) => text));
  io.print([...texts].join("\n"));
  for (const { path } of files) io.say(`for ${path}`);
}

function plansFor(
  agent: Agent,
  place: Place,
  project: string | undefined,
  args: Parsed,
  io: Io,
): Plan[] {
  const server = serverOf(io.env);
  const remove = args.has("remove");
  // All are worked out before the first is changed: a malformed one stops the whole.
  const plans = targetsOf(agent, place, project).map((target) =>
    remove ? planToRemove(target, server) : planToAdd(target, server),
  );
  if (args.has("skill")) plans.push(planSkill(skillPath(place, project), remove));
  return plans;
}

function sayMore(
  agent: Agent,
  files: Pick<Plan, "change">[],
  project: string | undefined,
  args: Parsed,
  io: Io,
): void {
  if (args.has("remove") || files.every(({ change }) => change === "none")) return;
  io.say(agent.afterwards);
  const { command } = serverOf(io.env);
  if (command === "bunx" && agent.isDesktop) {
    io.say(`${agent.title} must find bunx on its own PATH; the portclaim binary needs none`);
  }
  if (command !== "bunx" && project !== undefined) {
    io.say(`the file names ${command}: on another machine, run portclaim setup there`);
  }
}
