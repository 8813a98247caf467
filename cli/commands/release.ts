import { release, type Target } from "../../registry/maintain/release.ts";
import { callerFor, tryResolveCaller } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../output/io.ts";
import { printable } from "../output/printable.ts";
import { TARGET } from "../parse/target.ts";

export const releaseCommand = () =>
  defineCommand({
    name: "release",
    about: `The server keeps running, but its port is no longer reserved. Claims end with their owners, so you rarely need this.

A claim of another owner that is in use, or in another checkout, is refused without --force.`,
    output: "json",
    options: {
      ...TARGET,
      project: {
        type: "text",
        summary: "The service's project; without a service, all claims of the project.",
        value: "NAME",
      },
      pid: {
        type: "pid",
        summary:
          "The process whose claims count as your own (default: the agent, shell or script that called).",
        value: "PID",
      },
      force: {
        type: "flag",
        summary: "Release a claim of another owner, or one whose file is unreadable.",
      },
    },
    examples: [
      ["portclaim release web", "Release the port of this project's web."],
      ["portclaim release 3000", "Release that port."],
      ["portclaim release --project my-app", "Release all ports of my-app."],
    ],
    async run({ force, pid, ...values }, io) {
      const target = targetOf(values);
      const registry = await openAnyway(io);
      const { machine } = registry;
      const caller =
        pid === undefined ? tryResolveCaller(machine, "release") : callerFor(machine, pid);
      const request = { target, here: await placeFor(io, registry, values), force };
      const { claims, exited } = await release(registry, request, caller);
      if (io.json) return printJson(io, claims);
      for (const { port, service, project } of claims) {
        const what = exited
          ? `${service} has already exited; released ${port}`
          : `released ${port} (${service} in ${project})`;
        io.print(`${printable(what)}\n`);
      }
    },
  });

function targetOf({
  port,
  service,
  project,
}: {
  port: number | undefined;
  service: string | undefined;
  project: string | undefined;
}): Target {
  if (port !== undefined && service === undefined && project === undefined) return { port };
  if (port === undefined && service !== undefined) {
    return { service, ...(project !== undefined && { project }) };
  }
  if (port === undefined && project !== undefined) return { project };
  const what = port === undefined ? "missing port or service" : "got both a port and a name";
  throw new UsageError(what, "name one: portclaim release 3000, or portclaim release web");
}
