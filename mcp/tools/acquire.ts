import { acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import type { Running } from "../../registry/allocate/reuse.ts";
import { FIRST_UNPRIVILEGED_PORT, BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import type { Claim, Lease } from "../../registry/model/claim.ts";
import { plainService } from "../../registry/model/plain-names.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { describeSuspended } from "../../registry/query/suspended.ts";
import { type ClaimSummary, summarizeNew, summarizeNow } from "../claim-summary.ts";
import { input, output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

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
    "It only keeps a record: it binds nothing, and starts or stops no process. " +
    "The claim lasts until your agent's process exits, or until the server on the port does if that runs longer. " +
    "To restart a service that you stopped, call it again with the same service and reuse: it keeps its port. " +
    "When you have stopped the service for good, call portclaim_release.",
  input: {
    service: input.name('What the port is for: a short name such as "web", "api" or "postgres"'),
    project: input.name("Project that the service belongs to. Default: the base name of cwd"),
    prefer: input.port("Port to claim if it is free; otherwise you get another one"),
    exact: {
      type: "boolean",
      description: "true: fail instead of claiming any other port than prefer. Default: false",
    },
    lease: {
      type: "string",
      description:
        "persistent: never given to another service while idle (for a database, for example). Default: the config's, else ephemeral",
      enum: ["ephemeral", "persistent"],
    },
    reuse: {
      type: "boolean",
      description:
        "true: if this service already has a claim in this directory or checkout, return that port, even if it is in use. Default: false",
    },
    cwd: input.cwd,
  },
  required: ["service"],
  output: {
    port: output.integer("The port to start the service on"),
    how: output.choice(
      "new: claimed now. again: you had claimed it before and nothing listens on it. reserved: `portclaim env` had reserved it for this service. reused: the service's existing claim, see claim.state",
      ["new", "again", "reserved", "reused"],
    ),
    claim: output.claim("The claim"),
    missed: output.object("The preferred port, if it was not free", {
      port: output.integer("The preferred port"),
      by: output.text("What uses it"),
    }),
    others: output.list(
      "Ports on which the same service is already running in this checkout; absent if none",
      output.object(
        "A running server",
        {
          port: output.integer("Its port"),
          pid: output.integer("Process id of the claim's owner"),
          own: output.boolean("Whether your agent claimed it"),
        },
        { command: output.text("Its program"), cwd: output.text("Directory of its claim") },
      ),
    ),
    taken_from: output.object("Another owner's idle claim that this one replaces", {
      service: output.text("What it was for"),
      project: output.text("Project of the service"),
      pid: output.integer("Process id of its owner"),
    }),
  },
  needsConfig: true,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  run,
};

async function run(args: Input, { registry, session, signal }: Call) {
  const { service, prefer, lease, exact = false, reuse = false } = args;
  const { cwd } = await session.locate(registry, args.cwd);
  const request = {
    services: [service],
    cwd,
    ...(args.project !== undefined && { project: args.project }),
    agent: session.agent,
    session: session.host.session,
    exact,
    reuse,
    ...(prefer !== undefined && { prefer }),
    ...(lease && { lease }),
  };
  const acquired = await acquire(registry, request, session.resolveCaller(registry.machine));
  // The client of a canceled call never learns its port.
  if (signal.aborted) await acquired.undo();
  const grant = acquired.grants[0] as Grant;
  const { how, missed, takenFrom } = grant;
  const others = acquired.others.map(({ port, pid, own, command, cwd: directory }) => ({
    port,
    pid,
    own,
    ...(command !== null && { command }),
    ...(directory !== undefined && { cwd: directory }),
  }));
  const claim = how === "reused" ? summarizeNow(registry, grant.claim) : summarizeNew(grant.claim);
  return {
    port: claim.port,
    how,
    claim,
    ...(missed && { missed }),
    ...(others.length > 0 && { others }),
    ...(takenFrom && { taken_from: replaced(takenFrom) }),
    hint: [
      ...acquired.others.map(alreadyRunning),
      ...notes(grant),
      nextStep(how, claim),
      ...(acquired.warnings.length > 0 ? [BROKEN_FILE] : []),
    ].join(" "),
  };
}

// What is wrong isn't shown: a cloned repository's file must not speak to the model.
const BROKEN_FILE =
  "The portclaim.toml of this checkout has a mistake: tell the user to run portclaim env, which names it.";

const replaced = ({ service, project, pid }: Claim) => ({ service, project, pid });

const capitalize = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function alreadyRunning(running: Running): string {
  const { port, own, suspended, single } = running;
  const facts = `${own ? ", claimed by you" : ""}${suspended ? ", but suspended, and doesn't respond" : ""}`;
  const cure =
    single === undefined
      ? "If that one will do, connect to it and release this claim."
      : `${single} refuses to run twice in one directory: connect to that one and release this claim.`;
  return `${capitalize(plainService(running))} is already running on port ${port}${facts}; this is a second port. ${cure}`;
}

function notes({ claim: { port }, missed, takenFrom, how }: Grant): string[] {
  const all: string[] = [];
  if (missed) all.push(`You got port ${port} because ${missed.port} is ${missed.by}.`);
  if (takenFrom) {
    const { project } = takenFrom;
    all.push(
      `Port ${port} was claimed for ${plainService(takenFrom)} in ${project}, but has been idle for a long time.`,
    );
  }
  if (how === "reused") return all;
  if (BLOCKED_PORTS.includes(port)) all.push(`Browsers refuse to open port ${port}.`);
  if (port < FIRST_UNPRIVILEGED_PORT) all.push(`Binding port ${port} may need privileges.`);
  return all;
}

function nextStep(how: Grant["how"], claim: ClaimSummary): string {
  const { port, state, pid, command } = claim;
  const service = plainService(claim);
  if (how !== "reused") {
    return `Now start ${service} on port ${port}, for example with PORT=${port} in its environment. Once it is stopped for good, call portclaim_release with port ${port}.`;
  }
  const suspended = describeSuspended(claim);
  if (suspended) return `${capitalize(service)} ${suspended}, and doesn't respond on port ${port}.`;
  if (state === "listening" || state === "orphaned") {
    return `${capitalize(service)} is already running on port ${port}: use it, and don't start a second one.`;
  }
  const elsewhere = describeElsewhere(claim);
  if (elsewhere) return `${capitalize(service)} is already running, but ${elsewhere}.`;
  const owner = `${command ?? "process"} (pid ${pid})`;
  return `Port ${port} is claimed for ${service} by ${owner}, but nothing listens on it yet. Start it there, unless its owner is about to.`;
}
