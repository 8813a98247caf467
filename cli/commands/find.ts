import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { findClaim } from "../../registry/query/find.ts";
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
  const caller = () => tryResolveCaller(registry.machine, "find");
  const at = here(io, registry);
  const found = findClaim(registry, { service, project }, at, { reach: "machine", caller });
  const { best, others } = found;
  if (io.json) printJson(io, best);
  else io.print(`${best.port}\n`);
  const elsewhere = describeElsewhere(best);
  if (elsewhere) io.say(`${best.service} ${elsewhere}`);
  if (best.state === "occupied") {
    const [first] = best.foreign ?? [];
    io.say(
      `warning: ${first?.command ?? "another process"} (pid ${first?.pid}) listens on ${best.port}, which doesn't belong to the claim`,
    );
  }
  if (found.isElsewhere) io.say(`${best.port} is ${best.service} in ${best.project}, ${best.cwd}`);
  if (others.length === 0) return;
  const list = others.map((claim) => `${claim.port} (${claim.service} of ${claim.project})`);
  io.say(
    `${best.port} is ${best.service} of ${best.project}; there are others: ${list.join(", ")}`,
  );
}
