import { acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { FIRST_UNPRIVILEGED_PORT, BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import type { Claim, Lease } from "../../registry/model/claim.ts";
import { output, input } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";
import { type BriefClaim, briefNew, lookAt } from "../views.ts";

interface Input {
  service: string;
  project?: string;
  prefer?: number;
  exact?: boolean;
  lease?: Lease;
  reuse?: boolean;
  cwd?: string;
}

export const acquireTool: Tool = {
  name: "portclaim_acquire",
  title: "Claim a port",
  description:
    "Claims a free TCP port on this machine. Call it BEFORE you start anything that listens (dev server, API, " +
    "database, preview, test server), and start that on the returned port, for example with PORT=<port>. Other agents, " +
    "terminals and people share this machine: a port that you pick yourself collides with theirs. " +
    "It is book-keeping only: it binds nothing, and starts or stops no process. " +
    "The claim lasts as long as your agent's process, or the server on the port if that outlives it. " +
    "To restart a service that you stopped, call it again with the same service and reuse: it keeps its port. " +
    "When you have stopped the service for good, call portclaim_release.",
  input: {
    service: input.name('What the port is for, a short name like "web", "api" or "postgres"'),
    project: input.name("Project it belongs to. Default: the base name of cwd"),
    prefer: input.port("Port to take if it can be had; else you get another one"),
    exact: {
      type: "boolean",
      description: "true: refuse rather than give any port but the preferred one. Default: false",
    },
    lease: {
      type: "string",
      description:
        "persistent: never taken over while idle, for a database say. Default: the config's, else ephemeral",
      enum: ["ephemeral", "persistent"],
    },
    reuse: {
      type: "boolean",
      description:
        "true: if this service of this project and directory has a port already, return that one, even if it is in use. Default: false",
    },
    cwd: input.cwd,
  },
  required: ["service"],
  output: {
    port: output.integer("The port that is now yours to bind"),
    how: output.choice(
      "new: claimed now. again: you had it already and nothing listens on it. reused: the service had it already, see claim.state",
      ["new", "again", "reused"],
    ),
    claim: output.claim("The claim"),
    missed: output.object("The preferred port, which could not be had", {
      port: output.integer("The preferred port"),
      by: output.text("Who has it"),
    }),
    taken_from: output.object("The idle claim of somebody else that this one replaces", {
      service: output.text("What it was for"),
      project: output.text("Project of the service"),
      pid: output.integer("Process that owns it"),
    }),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  run,
};

async function run(args: Input, { registry, session, signal }: Call) {
  const { service, prefer, lease, exact = false, reuse = false } = args;
  const { cwd } = await session.here(registry, args.cwd);
  const request = {
    services: [service],
    cwd,
    ...(args.project !== undefined && { project: args.project }),
    agent: session.agent,
    exact,
    reuse,
    ...(prefer !== undefined && { prefer }),
    ...(lease && { lease }),
  };
  const acquired = await acquire(registry, request, session.caller(registry.machine));
  // Nobody will get to know a port whose call was taken back.
  if (signal.aborted) await acquired.undo();
  const grant = acquired.grants[0] as Grant;
  const { how, missed, takenFrom } = grant;
  const claim = how === "reused" ? lookAt(registry, grant.claim) : briefNew(grant.claim);
  return {
    port: claim.port,
    how,
    claim,
    ...(missed && { missed }),
    ...(takenFrom && { taken_from: lost(takenFrom) }),
    hint: [...remarks(grant), nextStep(how, claim)].join(" "),
  };
}

const lost = ({ service, project, pid }: Claim) => ({ service, project, pid });

function remarks({ claim: { port }, missed, takenFrom, how }: Grant): string[] {
  const all: string[] = [];
  if (missed) all.push(`Port ${missed.port} is ${missed.by}, so you got ${port}.`);
  if (takenFrom) {
    all.push(`It was claimed for "${takenFrom.service}" of ${takenFrom.project}, but long idle.`);
  }
  if (how === "reused") return all;
  if (BLOCKED_PORTS.includes(port)) all.push(`Browsers refuse to open port ${port}.`);
  if (port < FIRST_UNPRIVILEGED_PORT) all.push(`Binding port ${port} may need privileges.`);
  return all;
}

function nextStep(how: Grant["how"], { port, service, state, pid, command }: BriefClaim): string {
  const owner = `${command ?? "process"} (pid ${pid})`;
  if (how === "reused" && (state === "listening" || state === "orphaned")) {
    return `"${service}" already runs on ${port}: use it, and start no second one.`;
  }
  if (how === "reused") {
    return `Port ${port} is claimed for "${service}" by ${owner}, but nothing listens yet: start it there unless somebody is about to.`;
  }
  return `Now start "${service}" on port ${port}, for example with PORT=${port} in its environment. Once it is stopped for good, call portclaim_release with port ${port}.`;
}
