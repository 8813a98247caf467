import { reap } from "../../registry/maintain/reap.ts";
import type { Outcome } from "../../registry/maintain/reconcile.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import { printJson } from "../output/io.ts";
import { printable } from "../output/printable.ts";

export const reapCommand = defineCommand({
  name: "reap",
  about: `Every acquire removes claims whose owners have exited. reap does so at once, and also releases ephemeral claims whose ports have had no listener for the grace period.`,
  output: "json",
  options: {
    "dry-run": { type: "flag", summary: "Only print what would be removed." },
    grace: {
      type: "duration",
      summary: "Keep claims younger than this (default: from config.toml, 10m).",
      value: "DURATION",
    },
    "max-age": {
      type: "duration",
      summary: "Also release ephemeral claims older than this, even if in use.",
      value: "DURATION",
    },
    lease: {
      type: "choice",
      summary: "Only claims of this lease.",
      choices: ["ephemeral", "persistent"],
    },
  },
  examples: [
    ["portclaim reap --dry-run", "Print what would be removed."],
    ["portclaim reap --grace 0s", "Also release what was claimed a moment ago and isn't in use."],
  ],
  async run({ "dry-run": dryRun, grace, "max-age": maxAge, lease }, io) {
    const registry = await open(io);
    const request = {
      dryRun,
      ...(grace !== undefined && { grace }),
      ...(maxAge !== undefined && { maxAge }),
      ...(lease !== undefined && { lease }),
    };
    const outcomes = await reap(registry, request, tryResolveCaller(registry.machine, "reap"));
    if (io.json) printJson(io, outcomes.map(toJson));
    else io.print(outcomes.map((one) => `${printable(lineOf(one, dryRun))}\n`).join(""));
    const isYoung = ({ action, state }: Outcome) => action === "kept" && state === "starting";
    if (outcomes.some(isYoung)) io.say("to release those too: portclaim reap --grace 0s");
    if (outcomes.length === 0 && !io.json) io.say("nothing to remove");
  },
});

/** What `reap --json` prints for one claim. */
export function toJson({ action, claim, state, reason, adoption }: Outcome) {
  const { port, service, project, pid } = claim;
  const now = adoption && { now: adoption.pid };
  return { port, service, project, pid, state, action, reason, ...now };
}

export function lineOf({ action, claim, reason }: Outcome, dryRun: boolean): string {
  const would = dryRun && action !== "kept" ? "would be " : "";
  const done = action === "handed-over" ? "adopted" : action;
  return `${claim.port} (${claim.service} in ${claim.project}) ${would}${done}: ${reason}`;
}
