import { release, type Target } from "../../registry/maintain/release.ts";
import { RegistryError } from "../../registry/model/errors.ts";
import { output, input } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  port?: number;
  service?: string;
  project?: string;
  cwd?: string;
}

export const releaseTool: Tool = {
  name: "portclaim_release",
  title: "Free a claimed port",
  description:
    "Frees ports that you claimed, once what used them is stopped for good. Name a port, or a service, or a project " +
    "(all its ports). It is book-keeping only: what still listens on the port goes on, so stop it first. " +
    "A live claim of another owner in another directory is refused; leave those alone.",
  input: {
    port: input.port("Port to free. Not together with service or project"),
    service: input.name("Service whose port to free"),
    project: input.name("The service's project. Without service: free all ports of that project"),
    cwd: input.cwd,
  },
  required: [],
  output: {
    released: output.list(
      "What was freed",
      output.object("A claim that is no more", {
        port: output.integer("The port, free for others now"),
        service: output.text("What it was for"),
        project: output.text("Project of the service"),
      }),
    ),
    still_listening: output.list(
      "Freed ports that a process still listens on",
      output.integer("A port"),
    ),
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  run,
};

async function run(args: Input, { registry, session }: Call) {
  const target = targetOf(args);
  const here = await session.here(registry, args.cwd);
  // Whoever can't be told apart owns nothing, but may free what is his directory's.
  const caller = session.tryCaller(registry.machine);
  const { claims } = await release(registry, { target, here }, caller);
  const released = claims.map(({ port, service, project }) => ({ port, service, project }));
  const listening = new Set(registry.machine.listeners().map(({ port }) => port));
  const still = released.map(({ port }) => port).filter((port) => listening.has(port));
  const hint =
    still.length === 0
      ? "Nothing more to do."
      : `A process still listens on ${still.join(", ")}: stop it, unless it is meant to go on.`;
  return { released, still_listening: still, hint };
}

function targetOf({ port, service, project }: Input): Target {
  if (port !== undefined) {
    if (service === undefined && project === undefined) return { port };
    throw refuse("Cannot release both a port and a service or project: name one of them");
  }
  if (service !== undefined) return { service, ...(project !== undefined && { project }) };
  if (project !== undefined) return { project };
  throw refuse("Cannot release: neither a port nor a service nor a project is named");
}

function refuse(message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what: "port" });
}
