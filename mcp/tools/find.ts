import { RegistryError } from "../../registry/model/errors.ts";
import { findClaim } from "../../registry/query/find.ts";
import { type ClaimSummary, summarize } from "../claim-summary.ts";
import { input, output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  service?: string;
  project?: string;
  cwd?: string;
}

export const findTool: Tool = {
  name: "portclaim_find",
  title: "Find a service's port",
  description:
    "Returns the port that was claimed for a service: to open, call or test a dev server, API or database that is " +
    "already running, or to check before you start one. Changes nothing. " +
    "If several claims match, those of this directory come first, then those of this project, then the newest.",
  input: {
    service: input.name("Service to look for; required unless project is given"),
    project: input.name("Project to look in. Default: every project, this one first"),
    cwd: input.cwd,
  },
  required: [],
  output: {
    port: output.integer("The port of the best match"),
    claim: output.claim("The best match"),
    others: output.list("Other matches, best first", output.claim("Another claim")),
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  run,
};

async function run({ service, project, cwd }: Input, { registry, session }: Call) {
  if (service === undefined && project === undefined) {
    const message = "missing argument: name a service or a project";
    throw new RegistryError(message, { code: "invalid", what: "service" });
  }
  const here = await session.locate(registry, cwd);
  const names = {
    ...(service !== undefined && { service }),
    ...(project !== undefined && { project }),
  };
  const found = findClaim(registry, names, here, {
    reach: "machine",
    caller: () => session.findCaller(registry.machine),
  });
  const claim = summarize(found.best);
  const others = found.others.map(summarize);
  return { port: claim.port, claim, others, hint: hintFor(claim, others.length) };
}

function hintFor({ port, service, project, state }: ClaimSummary, others: number): string {
  const what = `service "${service}" in ${project}`;
  const isRunning = state === "listening" || state === "orphaned";
  const status = isRunning
    ? `Connect to port ${port}, where ${what} is running.`
    : `Port ${port} is claimed for ${what}, but nothing listens on it now (${state}).`;
  if (others === 0) return status;
  return `${status} ${others} more ${others === 1 ? "claim matches" : "claims match"}: see others, or name the project.`;
}
