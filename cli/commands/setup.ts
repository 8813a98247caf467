import { SetupError } from "../../setup/error.ts";
import { ALIASES, type Subject, SUBJECTS } from "../../setup/names.ts";
import type { AgentPlans, Request, Status } from "../../setup/setup.ts";
import { defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { table } from "../output/table.ts";
import { suggest } from "../parse/suggest.ts";

export const setupCommand = defineCommand({
  name: "setup",
  about: `Without an agent, lists the agents on this machine and which are set up. With one, adds the MCP server to its configuration and leaves everything else there alone.`,
  output: "json",
  options: {
    agent: {
      type: "text",
      summary: `One of ${SUBJECTS.join(", ")}.`,
      value: "AGENT",
      choices: [...SUBJECTS],
      plain: true,
      onlyPlain: true,
    },
    all: { type: "flag", summary: "Set up every agent that is found." },
    project: { type: "flag", summary: "Use the project's file in this directory, not the user's." },
    print: { type: "flag", summary: "Print what would be added, and change nothing." },
    remove: { type: "flag", summary: "Remove portclaim from the agent's configuration." },
    guard: {
      type: "flag",
      summary:
        "Also install the skill, and the hook that keeps the agent from ending others' servers.",
    },
    skill: { type: "flag", summary: "Also install the skill, for agents that read skills." },
  },
  examples: [
    ["portclaim setup", "List the agents, and which are set up."],
    ["portclaim setup --all --skill", "Set up all of them, with the skill."],
    ["portclaim setup claude-code --skill", "Set it up for all projects, with the skill."],
    ["portclaim setup claude-code --guard", "Add the skill and the guard's hook too."],
    ["portclaim setup cursor --project", "Write .cursor/mcp.json."],
    ["portclaim setup codex --print", "Print the lines for config.toml."],
    ["portclaim setup agents-md", "Tell any agent about portclaim, in the project's AGENTS.md."],
  ],
  async run(values, io) {
    try {
      await run(optionsOf(values), io);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      throw new UsageError(error.message, HINTS[error.obstacle]);
    }
  },
});

const HINTS: Record<SetupError["obstacle"], string> = {
  unreadable: "fix the file, or edit it by hand: --print shows the entry",
  busy: "try again",
  "no-project-file": "leave out --project",
  "no-hooks": "leave out --guard, and run portclaim setup agents-md in the project",
  "no-skills": "leave out --skill, and run portclaim setup agents-md in the project",
  "not-installed": "install it, so that agents find it (npm install -g portclaim), and try again",
  "not-your-home": "leave out sudo",
};

interface Options {
  /** What to set up: "all" agents that are found, or nothing, to show them. */
  what: Subject | "all" | undefined;
  project: boolean;
  print: boolean;
  remove: boolean;
  skill: boolean;
  guard: boolean;
}

interface Given extends Omit<Options, "what"> {
  agent: string | undefined;
  all: boolean;
}

function optionsOf({ agent: name, all, project, print, remove, skill, guard }: Given): Options {
  if (all && name !== undefined) throw new UsageError("--all can't be used with an agent");
  if (print && remove) throw new UsageError("--print can't be used with --remove");
  const what = all ? "all" : name === undefined ? undefined : subjectOf(name);
  if (skill && (what === undefined || what === "agents-md")) {
    throw new UsageError("--skill needs an agent", "run portclaim setup claude-code --skill");
  }
  if (guard && (what === undefined || what === "agents-md")) {
    throw new UsageError("--guard needs an agent", "run portclaim setup claude-code --guard");
  }
  if ((what === undefined && remove) || ((what === undefined || what === "all") && print)) {
    throw new UsageError("missing AGENT", "run portclaim setup to list the agents on this machine");
  }
  return { what, project: project || what === "agents-md", print, remove, skill, guard };
}

function subjectOf(name: string): Subject {
  const found = SUBJECTS.find((one) => one === (ALIASES[name] ?? name));
  if (found !== undefined) return found;
  const near = suggest(name, [...SUBJECTS, ...Object.keys(ALIASES)]);
  const what = `unknown agent ${JSON.stringify(name)}`;
  if (near) throw new UsageError(`${what}; did you mean ${near}?`);
  throw new UsageError(what, `use one of ${SUBJECTS.join(", ")}`);
}

async function run({ what, print, remove, ...options }: Options, io: Io): Promise<void> {
  // Loaded only here: help doesn't need what reads the agents' files.
  const setup = await import("../../setup/setup.ts");
  const project = options.project ? io.cwd() : undefined;
  const request: Request = {
    place: setup.placeOf(io.env),
    project,
    skill: options.skill,
    guard: options.guard,
  };
  if (what === undefined) return showStatus(setup.statusOf(request), io);
  if (print && what !== "all") {
    const files = setup.additionsFor(what, request);
    // The text is meant to be pasted, so even a pipe gets it unless JSON was asked for.
    if (io.asksJson) return printJson(io, { agent: what, files });
    io.print([...new Set(files.map(({ text }) => text))].join("\n"));
    for (const { path } of files) io.say(`for ${path}`);
    return;
  }
  // All are planned before the first is written: one invalid file stops them all.
  const plans =
    what === "all"
      ? setup.plansForAll(setup.findAgents(request), request, remove)
      : [{ agent: what, files: setup.plansFor(what, request, remove) }];
  if (plans.length === 0) {
    throw new UsageError("no agents found", "name one: portclaim setup AGENT");
  }
  for (const plan of plans.flatMap(({ files }) => files)) setup.apply(plan, project === undefined);
  printChanges(plans, what === "all", remove, io);
  if (remove) return;
  const changed = plans
    .filter(({ files }) => files.some(({ change }) => change !== "none"))
    .map(({ agent }) => agent);
  const offer = options.guard ? undefined : setup.guardOffer(changed);
  for (const note of changed.flatMap((agent) => setup.notesFor(agent, request))) io.say(note);
  if (offer) io.say(offer);
}

function printChanges(plans: AgentPlans[], isList: boolean, remove: boolean, io: Io): void {
  const told = plans.map(({ agent, files }) => ({
    agent,
    files: files.map(({ path, change }) => ({ path, change })),
  }));
  if (io.json) return printJson(io, isList ? told : told[0]);
  const none = remove ? "not set up" : "already set up";
  for (const { path, change } of told.flatMap(({ files }) => files)) {
    io.print(`${change === "none" ? none : change}: ${path}\n`);
  }
}

function showStatus(found: Status[], io: Io): void {
  if (io.json) return printJson(io, found);
  if (found.length === 0) return io.say("no agents found; name one: portclaim setup AGENT");
  const rows = found.map(({ agent, state, path }) => [agent, state, path]);
  io.print(table(["AGENT", "STATE", "FILE"], rows, { color: io.color }));
  if (found.some(({ state }) => state === "not set up")) {
    io.say("to set one up: portclaim setup AGENT; to set up all: portclaim setup --all");
  }
}
