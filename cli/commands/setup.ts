import { SetupError } from "../../setup/error.ts";
import { ALIASES, type Subject, SUBJECTS } from "../../setup/names.ts";
import type { Plan } from "../../setup/plan.ts";
import type { Request, Status } from "../../setup/setup.ts";
import { type Command, UsageError } from "../command.ts";
import { type Io, printJson } from "../output/io.ts";
import { table } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";
import { suggest } from "../parse/suggest.ts";

export const setupCommand: Command = {
  name: "setup",
  output: "json",
  args: {
    agent: {
      type: "positional",
      description: `One of ${SUBJECTS.join(", ")}; without it, show which are here`,
      valueHint: "AGENT",
      options: [...SUBJECTS],
      required: false,
    },
    all: { type: "boolean", description: "Set up every agent that is found" },
    project: {
      type: "boolean",
      description: "Use the project's file in this directory, not the user's",
    },
    print: { type: "boolean", description: "Print what would be added, and change nothing" },
    remove: { type: "boolean", description: "Remove portclaim from the agent" },
    skill: { type: "boolean", description: "Install the skill for Claude Code too" },
  },
  examples: [
    ["portclaim setup", "show the agents on this machine, and which are set up"],
    ["portclaim setup --all", "set up all of them"],
    ["portclaim setup claude-code --skill", "set it up for all projects, with the skill"],
    ["portclaim setup cursor --project", "write .cursor/mcp.json"],
    ["portclaim setup codex --print", "print the lines for config.toml"],
    ["portclaim setup agents-md", "tell any agent about portclaim in the project's AGENTS.md"],
  ],
  async run(args, io) {
    try {
      await run(optionsOf(args), args.has("json"), io);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      throw new UsageError(error.message, HINTS[error.obstacle]);
    }
  },
};

const HINTS: Record<SetupError["obstacle"], string> = {
  unreadable: "fix the file, or edit it by hand: --print shows the entry",
  busy: "try again",
  "no-project-file": "leave out --project",
  "not-your-home": "leave out sudo",
};

interface Options {
  /** What to set up: "all" agents that are found, or nothing, to show them. */
  what: Subject | "all" | undefined;
  project: boolean;
  print: boolean;
  remove: boolean;
  skill: boolean;
}

function optionsOf(args: Parsed): Options {
  const name = args.text("agent");
  const print = args.has("print");
  const remove = args.has("remove");
  const skill = args.has("skill");
  if (args.has("all") && name !== undefined)
    throw new UsageError("--all cannot be used with an agent");
  if (print && remove) throw new UsageError("--print cannot be used with --remove");
  const what = args.has("all") ? "all" : name === undefined ? undefined : subjectOf(name);
  if (skill && what !== "claude-code") {
    throw new UsageError("--skill is for claude-code", "run portclaim setup claude-code --skill");
  }
  if ((what === undefined && remove) || ((what === undefined || what === "all") && print)) {
    throw new UsageError("missing AGENT", "run portclaim setup to see which are here");
  }
  return { what, project: args.has("project") || what === "agents-md", print, remove, skill };
}

function subjectOf(name: string): Subject {
  const found = SUBJECTS.find((one) => one === (ALIASES[name] ?? name));
  if (found !== undefined) return found;
  const near = suggest(name, [...SUBJECTS, ...Object.keys(ALIASES)]);
  const hint = near ? `did you mean: portclaim setup ${near}?` : `use ${SUBJECTS.join(", ")}`;
  throw new UsageError(`unknown agent ${JSON.stringify(name)}`, hint);
}

async function run(
  { what, print, remove, ...options }: Options,
  asksJson: boolean,
  io: Io,
): Promise<void> {
  // Loaded only here: help doesn't need what reads the agents' files.
  const setup = await import("../../setup/setup.ts");
  const project = options.project ? io.cwd() : undefined;
  const request: Request = { place: setup.placeOf(io.env), project, skill: options.skill };
  if (what === undefined) return showStatus(setup.statusOf(request), io);
  if (print && what !== "all") {
    const files = setup.additionsFor(what, request);
    // Text is to be pasted, so even a pipe gets it unless JSON was asked for.
    if (asksJson) return printJson(io, { agent: what, files });
    io.print([...new Set(files.map(({ text }) => text))].join("\n"));
    for (const { path } of files) io.say(`for ${path}`);
    return;
  }
  const agents = what === "all" ? setup.findAgents(request) : [what];
  if (agents.length === 0)
    throw new UsageError("no agents found", "name one: portclaim setup AGENT");
  // All are planned before the first is written: one invalid file stops them all.
  const plans = agents.map((agent) => ({ agent, files: setup.plansFor(agent, request, remove) }));
  for (const plan of plans.flatMap(({ files }) => files)) setup.apply(plan, project === undefined);
  printChanges(plans, what === "all", remove, io);
  for (const { agent, files } of plans) {
    const isChanged = files.some(({ change }) => change !== "none");
    if (isChanged && !remove) for (const note of setup.notesFor(agent, request)) io.say(note);
  }
}

function printChanges(
  plans: { agent: Subject; files: Plan[] }[],
  isList: boolean,
  remove: boolean,
  io: Io,
): void {
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
  io.print(table(["AGENT", "STATE", "FILE"], rows, io.color));
  if (found.some(({ state }) => state === "not set up")) {
    io.say("to set one up: portclaim setup AGENT; to set up all: portclaim setup --all");
  }
}
