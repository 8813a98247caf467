import type { Grant } from "../../registry/allocate/allocation.ts";
import type { AcquireRequest } from "../../registry/allocate/request.ts";
import type { Running } from "../../registry/allocate/reuse.ts";
import { FIRST_UNPRIVILEGED_PORT, BLOCKED_PORTS } from "../../registry/model/blocked-ports.ts";
import type { Lease } from "../../registry/model/claim.ts";
import { agentSession, detectAgent } from "../../registry/owner/agent.ts";
import { UsageError } from "../command.ts";
import type { Io } from "../output/io.ts";
import type { Argument } from "./argument.ts";
import type { Parsed } from "./argv.ts";

/** What `acquire` and `run` ask for alike. */
export const requestFlags = (): Record<string, Argument> => ({
  service: {
    type: "string",
    description: "What the port is for; several are claimed together or not at all",
    valueHint: "NAME",
    multiple: true,
  },
  project: {
    type: "string",
    description: "Project (default: the current directory's name)",
    valueHint: "NAME",
  },
  prefer: { type: "string", description: "Port to take if it can be had", valueHint: "PORT" },
  exact: { type: "boolean", description: "Fail rather than take any but the preferred port" },
  lease: {
    type: "enum",
    description: "persistent: safe from reap --max-age and from being taken over",
    options: ["ephemeral", "persistent"],
  },
  agent: { type: "string", description: "Who asks (default: recognised)", valueHint: "NAME" },
});

/** Reads {@link requestFlags}. Throws a UsageError for what can't be meant. */
export function requestOf(args: Parsed, io: Io): AcquireRequest {
  const services = args.all("service");
  if (services.length === 0) throw new UsageError("missing --service", "add --service NAME");
  const project = args.text("project");
  const prefer = args.port("prefer");
  const session = agentSession(io.env)?.value;
  const lease = args.text("lease") as Lease | undefined;
  return {
    services,
    cwd: io.cwd(),
    ...(project !== undefined && { project }),
    exact: args.has("exact"),
    agent: args.text("agent") ?? detectAgent(io.env),
    ...(prefer !== undefined && { prefer }),
    ...(lease && { lease }),
    ...(session !== undefined && { session }),
  };
}

/** Tells of a server that runs for the same service already. */
export function sayRunning({ port, project, service, command, pid, own }: Running, io: Io): void {
  const what = `${project}/${service} already listens on ${port}`;
  const whose = own ? ", yours" : "";
  io.say(`${what} (${command ?? "unknown"}, pid ${pid}${whose}); this is a second port`);
  io.say("to use that one: --reuse");
}

/** Tells what the caller should know of a port beyond its number. */
export function sayMore({ claim, missed, takenFrom, kept, how }: Grant, io: Io): void {
  const { port } = claim;
  if (kept !== undefined) {
    io.say(`${kept} is kept for the main checkout; --prefer ${kept} takes it`);
  }
  if (missed) io.say(`port ${missed.port}: ${missed.by}; got ${port}`);
  if (takenFrom) {
    const owner = takenFrom.owner?.command ?? "process";
    const who = `"${takenFrom.service}" of ${takenFrom.project} (${owner}, pid ${takenFrom.pid})`;
    io.say(`took port ${port} over from ${who}: nothing had listened on it for long`);
  }
  if (how === "reused") return;
  if (BLOCKED_PORTS.includes(port)) io.say(`warning: browsers refuse to open port ${port}`);
  if (port < FIRST_UNPRIVILEGED_PORT) {
    io.say(`warning: port ${port} may need privileges to be bound`);
  }
}

/** "next-dev" → NEXT_DEV_PORT. */
export function envName(service: string): string {
  const name = service.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return `${/^\d/.test(name) ? "_" : ""}${name}_PORT`;
}

/** The variable of each service. Throws a UsageError where two would be one. */
export function envNames(services: readonly string[]): string[] {
  const names = services.map(envName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new UsageError(
    `Cannot name the variables: several services would be ${twice}`,
    "give the services names that differ in letters or digits",
  );
}
