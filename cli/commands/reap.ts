import { reap } from "../../registry/maintain/reap.ts";
import type { Outcome } from "../../registry/maintain/reconcile.ts";
import type { Lease } from "../../registry/model/claim.ts";
import type { Command } from "../command.ts";
import { open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

export const reapCommand: Command = {
  name: "reap",
  output: "json",
  args: {
    "dry-run": { type: "boolean", description: "Only say what would go" },
    grace: {
      type: "string",
      description: "Leave unbound ports alone that are younger (default: the config's, 10m)",
      valueHint: "DURATION",
    },
    "max-age": {
      type: "string",
      description: "Also free ephemeral claims that are older, whatever uses them",
      valueHint: "DURATION",
    },
    lease: {
      type: "enum",
      description: "Only claims of this lease",
      options: ["ephemeral", "persistent"],
    },
  },
  examples: [
    ["portclaim reap --dry-run", "says what would go"],
    ["portclaim reap --grace 0s", "also frees what was claimed a moment ago and is not bound"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const grace = args.duration("grace");
  const maxAge = args.duration("max-age");
  const lease = args.text("lease") as Lease | undefined;
  const dryRun = args.has("dry-run");
  const settled = await reap(await open(io), {
    dryRun,
    ...(grace !== undefined && { grace }),
    ...(maxAge !== undefined && { maxAge }),
    ...(lease && { lease }),
  });
  if (io.json) printJson(io, settled.map(toJson));
  else io.print(settled.map((one) => `${printable(lineOf(one, dryRun))}\n`).join(""));
  sayMore(settled, io);
}

/** What `reap --json` prints for one claim. */
export function toJson({ action, claim, state, reason, adoption: heir }: Outcome) {
  const { port, service, project, pid } = claim;
  return { port, service, project, pid, state, action, reason, ...(heir && { now: heir.pid }) };
}

export function lineOf({ action, claim, reason }: Outcome, dryRun: boolean): string {
  const would = dryRun && action !== "kept" ? "would be " : "";
  const what = `${claim.port} (${claim.service} of ${claim.project})`;
  return `${what} ${would}${action === "handed-over" ? "handed over" : action}: ${reason}`;
}

function sayMore(settled: Outcome[], io: Io): void {
  const young = settled.some(({ action, state }) => action === "kept" && state === "starting");
  if (young) io.say("to free those too that nothing listens on yet: portclaim reap --grace 0s");
  if (settled.length === 0 && !io.json) io.say("nothing to free");
}
