import { release, type Target } from "../../registry/maintain/release.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { type Command, UsageError } from "../command.ts";
import { here, open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

export const releaseCommand = (): Command => ({
  name: "release",
  output: "json",
  args: {
    port: { type: "positional", description: "Port to free", valueHint: "PORT", required: false },
    service: { type: "string", description: "Free this service's port", valueHint: "NAME" },
    project: {
      type: "string",
      description: "Project of the service, or without --service: free all of it",
      valueHint: "NAME",
    },
    force: { type: "boolean", description: "Also a living claim of somebody else" },
  },
  examples: [
    ["portclaim release 3000", "that port"],
    ["portclaim release --service web", "this project's web"],
    ["portclaim release --project my-app", "all that my-app has"],
  ],
  run,
});

async function run(args: Parsed, io: Io): Promise<void> {
  const target = targetOf(args);
  const registry = await open(io);
  const force = args.has("force");
  const caller = tryResolveCaller(registry.machine, "release");
  const at = here(io, registry);
  const { claims, exited } = await release(registry, { target, here: at, force }, caller);
  if (io.json) return printJson(io, claims);
  const lines = claims.map(({ port, service, project }) =>
    printable(
      exited
        ? `${service} has already exited (${port})`
        : `released ${port} (${service} of ${project})`,
    ),
  );
  io.print(lines.map((line) => `${line}\n`).join(""));
}

function targetOf(args: Parsed): Target {
  const port = args.port("port");
  const service = args.text("service");
  const project = args.text("project");
  if (port !== undefined) {
    if (service === undefined && project === undefined) return { port };
    throw new UsageError("Cannot release both a port and a service or project: say which one");
  }
  if (service !== undefined) return { service, ...(project !== undefined && { project }) };
  if (project !== undefined) return { project };
  throw new UsageError(
    "Cannot release: neither a port nor a service nor a project is named",
    "type: portclaim release PORT, or see: portclaim list",
  );
}
