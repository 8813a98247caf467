import { RegistryError } from "../../registry/model/errors.ts";
import { findClaim } from "../../registry/query/find.ts";
import { output, input } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";
import { type BriefClaim, brief } from "../views.ts";

interface Input {
  service?: string;
  project?: string;
  cwd?: string;
}

export const findTool: Tool = {
  name: "portclaim_find",
  title: "Find a service's port",
  description:
    "Tells the port of a service that somebody claimed: to open, call or test a dev server, API or database that runs " +
    "already, or before you start one that may. Changes nothing. " +
    "Of several that fit, the one of this directory comes first, then of this project, then the newest.",
  input: {
    service: input.name("Service to look for; this or project must be given"),
    project: input.name("Project to look in. Default: every project, this one first"),
    cwd: input.cwd,
  },
  required: [],
  output: {
    port: output.integer("The port of the best fit"),
    claim: output.claim("The best fit"),
    others: output.list("What else fits, best first", output.claim("Another claim")),
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  run,
};

async function run({ service, project, cwd }: Input, { registry, session }: Call) {
  if (service === undefined && project === undefined) {
    const message = "Cannot find a port: neither a service nor a project is named";
    throw new RegistryError(message, { code: "invalid", what: "service" });
  }
  const here = await session.here(registry, cwd);
  const names = {
    ...(service !== undefined && { service }),
    ...(project !== undefined && { project }),
  };
  const found = findClaim(registry, names, here, {
    reach: "machine",
    caller: () => session.tryCaller(registry.machine),
  });
  const claim = brief(found.best);
  const others = found.others.map(brief);
  return { port: claim.port, claim, others, hint: hintFor(claim, others.length) };
}

function hintFor({ port, service, project, state }: BriefClaim, others: number): string {
  const what = `"${service}" of ${project}`;
  const runs = state === "listening" || state === "orphaned";
  const now = runs
    ? `${what} listens on port ${port}: connect to it.`
    : `Port ${port} is claimed for ${what}, but nothing listens on it now (${state}).`;
  return others === 0 ? now : `${now} ${others} more fit: see others, or name the project.`;
}
