import { findClaims } from "../../registry/query/find.ts";
import { type Command, UsageError } from "../command.ts";
import { here, open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import type { Parsed } from "../parse/argv.ts";

export const findCommand = (): Command => ({
  name: "find",
  output: "bare",
  args: {
    service: { type: "string", description: "Service to look for", valueHint: "NAME" },
    project: { type: "string", description: "Project to look in", valueHint: "NAME" },
  },
  examples: [
    ["curl localhost:$(portclaim find --service api)", "talks to this project's api"],
    ["portclaim find --project my-app --json", "the whole claim"],
  ],
  run,
});

async function run(args: Parsed, io: Io): Promise<void> {
  const service = args.text("service");
  const project = args.text("project");
  if (service === undefined && project === undefined) {
    throw new UsageError("Cannot find a port: no service is named", "add --service NAME");
  }
  const registry = await open(io);
  const { best, others } = findClaims(
    registry,
    { ...(service !== undefined && { service }), ...(project !== undefined && { project }) },
    here(io),
  );
  if (io.json) printJson(io, best);
  else io.print(`${best.port}\n`);
  if (others.length === 0) return;
  const list = others.map((claim) => `${claim.port} (${claim.service} of ${claim.project})`);
  io.say(
    `${best.port} is ${best.service} of ${best.project}; there are others: ${list.join(", ")}`,
  );
}
