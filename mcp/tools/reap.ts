import { reap } from "../../registry/maintain/reap.ts";
import type { Outcome } from "../../registry/maintain/reconcile.ts";
import { output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  dry_run?: boolean;
}

export const reapTool: Tool = {
  name: "portclaim_reap",
  title: "Free abandoned ports",
  description:
    "Frees the ports of owners that have ended and of claims that nothing has listened on for long. It is book-keeping " +
    "only: it stops no process, and what is in use or about to start is kept. You rarely need it, because every " +
    "portclaim_acquire frees what is dead; call it when no port is left or a stale claim is in your way.",
  input: {
    dry_run: { type: "boolean", description: "true: only say what would be done. Default: false" },
  },
  required: [],
  output: {
    dry_run: { type: "boolean", description: "Whether nothing was changed" },
    settled: output.list(
      "Claims that were looked at and not simply in use",
      output.object("A claim and what became of it", {
        port: output.integer("TCP port"),
        service: output.text("What it was for"),
        project: output.text("Project of the service"),
        action: output.choice(
          "reaped: freed, its owner is gone. released: freed, it was idle. handed-over: its owner is gone, it belongs to the server on it now. kept: left alone",
          ["reaped", "released", "handed-over", "kept"],
        ),
        reason: output.text("Why"),
      }),
    ),
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  run: async ({ dry_run = false }: Input, { registry }: Call) => {
    const settled = (await reap(registry, { dryRun: dry_run })).map(brief);
    const freed = settled.filter(({ action }) => action === "reaped" || action === "released");
    const ports = freed.map(({ port }) => port).join(", ");
    return { dry_run, settled, hint: hintFor(ports, dry_run) };
  },
};

function brief({ claim: { port, service, project }, action, reason }: Outcome) {
  return { port, service, project, action, reason };
}

function hintFor(ports: string, dryRun: boolean): string {
  if (ports === "") return "There is nothing to free.";
  return dryRun ? `Without dry_run it would free ${ports}.` : `Free now: ${ports}.`;
}
