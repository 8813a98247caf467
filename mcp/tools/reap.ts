import { reap } from "../../registry/maintain/reap.ts";
import type { Outcome } from "../../registry/maintain/reconcile.ts";
import { output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  dry_run?: boolean;
}

export const reapTool: Tool = {
  name: "portclaim_reap",
  title: "Clean up claims",
  description:
    "Removes the claims of owners that have exited, and claims on which nothing has listened for a long time. It only " +
    "keeps records: it stops no process, and keeps claims that are in use or about to be. You rarely need it, because " +
    "every portclaim_acquire cleans up first; call it when no port is free or a stale claim is in your way.",
  input: {
    dry_run: {
      type: "boolean",
      description: "true: report what would be removed, and change nothing. Default: false",
    },
  },
  required: [],
  output: {
    dry_run: { type: "boolean", description: "Whether this was only a report" },
    settled: output.list(
      "Claims that were removed or changed, or kept for a reason",
      output.object("A claim and what was done with it", {
        port: output.integer("TCP port"),
        service: output.text("What it was for"),
        project: output.text("Project of the service"),
        action: output.choice(
          "reaped: removed, its owner has exited. released: removed, it was idle. handed-over: its owner has exited, so it now belongs to the server on its port. kept: left alone",
          ["reaped", "released", "handed-over", "kept"],
        ),
        reason: output.text("Why"),
      }),
    ),
  },
  needsConfig: true,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  run: async ({ dry_run = false }: Input, { registry, session }: Call) => {
    const caller = session.findCaller(registry.machine);
    const settled = (await reap(registry, { dryRun: dry_run }, caller)).map(summarizeOutcome);
    const removed = settled.filter(({ action }) => action === "reaped" || action === "released");
    const ports = removed.map(({ port }) => port).join(", ");
    return { dry_run, settled, hint: hintFor(ports, dry_run) };
  },
};

function summarizeOutcome({ claim: { port, service, project }, action, reason }: Outcome) {
  return { port, service, project, action, reason };
}

function hintFor(ports: string, dryRun: boolean): string {
  if (ports === "") return "There is nothing to clean up.";
  return dryRun ? `Without dry_run this would free ports: ${ports}.` : `Freed ports: ${ports}.`;
}
