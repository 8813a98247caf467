import { RegistryError } from "../../registry/errors/errors.ts";
import { plainService } from "../../registry/model/plain-names.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { findClaim } from "../../registry/query/find.ts";
import { describeSuspended } from "../../registry/query/suspended.ts";
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
    "It looks in this directory, then in this checkout, then in the named project, and last for the only match on this machine.",
  input: {
    service: input.name("Service to look for; required unless project is given"),
    project: input.name("Project to look in, if not this directory's"),
    cwd: input.cwd,
  },
  required: [],
  output: {
    port: output.integer("The port of the best match"),
    claim: output.claim("The best match"),
    others: output.list(
      "Other claims of the same directory that match, best first",
      output.claim("Another claim"),
    ),
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  run,
};

async function run({ service, project, cwd }: Input, { registry, session }: Call) {
  if (service === undefined && project === undefined) {
    const message = "missing argument: name a service or a project";
    throw new RegistryError(message, { code: "invalid", what: "service" });
  }
  const here = await session.placeOf(registry, { cwd, service, project });
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
  const hint = hintFor(claim, others.length, found.isElsewhere);
  return { port: claim.port, claim, others, hint };
}

function hintFor(claim: ClaimSummary, others: number, isOutside: boolean): string {
  const more = `${others} more ${others === 1 ? "claim matches" : "claims match"}: see others.`;
  const outside = `It belongs to another directory, ${claim.cwd}.`;
  return [status(claim), isOutside && outside, others > 0 && more].filter(Boolean).join(" ");
}

function status(claim: ClaimSummary): string {
  const { port, project, state, foreign = [] } = claim;
  const what = `${plainService(claim)} in ${project}`;
  const elsewhere = describeElsewhere(claim);
  if (elsewhere) return `Note that ${what} ${elsewhere}.`;
  const suspended = describeSuspended(claim);
  if (suspended) return `Note that ${what} ${suspended}, and doesn't respond on port ${port}.`;
  if (state === "listening" || state === "orphaned") {
    return `Connect to port ${port}, where ${what} is running.`;
  }
  if (state !== "occupied") {
    return `Port ${port} is claimed for ${what}, but nothing listens on it now (${state}).`;
  }
  const [other] = foreign;
  const process = `${other?.command ?? "another process"} (pid ${other?.pid ?? "unknown"})`;
  return `Port ${port} is claimed for ${what}, but ${process} listens on it, which doesn't belong to the claim: don't use it.`;
}
