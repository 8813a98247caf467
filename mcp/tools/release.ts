import { RegistryError } from "../../registry/errors/errors.ts";
import { release, type Target } from "../../registry/maintain/release.ts";
import { input, output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  port?: number;
  service?: string;
  project?: string;
  cwd?: string;
}

export const releaseTool: Tool = {
  name: "portclaim_release",
  title: "Release a claimed port",
  description:
    "Releases ports that you claimed, once the services that used them are stopped for good. Name a port, or a service, " +
    "or a project (all its ports). It only keeps records: a process that listens on the port keeps running, so stop it " +
    "first. It fails for a claim of another owner that is in use or in another checkout; leave those alone.",
  input: {
    port: input.port("Port to release; can't be combined with service or project"),
    service: input.name("Service whose port to release"),
    project: input.name(
      "The service's project. Without service: release all ports of this project",
    ),
    cwd: input.cwd,
  },
  required: [],
  output: {
    released: output.list(
      "The released claims",
      output.object("A claim that was removed", {
        port: output.integer("The port, which is free to claim again"),
        service: output.text("What it was for"),
        project: output.text("Project of the service"),
      }),
    ),
    still_listening: output.list(
      "Released ports that a process still listens on",
      output.integer("A port"),
    ),
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  run,
};

async function run(args: Input, { registry, session }: Call) {
  const target = targetOf(args);
  const here = await session.placeOf(registry, args);
  // A caller whose owner is unknown may still release the claims of its directory.
  const caller = session.findCaller(registry.machine);
  const { claims } = await release(registry, { target, here }, caller);
  const released = claims.map(({ port, service, project }) => ({ port, service, project }));
  const listening = new Set(registry.machine.listeners().map(({ port }) => port));
  const still = released.map(({ port }) => port).filter((port) => listening.has(port));
  const hint =
    still.length === 0
      ? "There is nothing more to do."
      : `A process still listens on ${still.join(", ")}: stop it, unless you meant to leave it running.`;
  return { released, still_listening: still, hint };
}

function targetOf({ port, service, project }: Input): Target {
  if (port !== undefined) {
    if (service === undefined && project === undefined) return { port };
    throw invalid("port can't be combined with service or project");
  }
  if (service !== undefined) return { service, ...(project !== undefined && { project }) };
  if (project !== undefined) return { project };
  throw invalid("missing argument: name a port, a service or a project");
}

function invalid(message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what: "port" });
}
