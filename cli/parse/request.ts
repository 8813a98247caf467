import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import { agentSession, detectAgent } from "../../registry/owner/agent.ts";
import { variableFor } from "../../registry/values/variable.ts";
import { UsageError } from "../exit.ts";
import type { Io } from "../output/io.ts";
import type { Options, Values } from "./options.ts";
import { checkServices } from "./services.ts";

/** What `acquire` and `run` ask for alike. */
export const REQUEST = {
  service: {
    type: "text",
    summary: "What the port is for, a name of your choice. Of several, all are claimed or none.",
    value: "SERVICE",
    short: "s",
    multiple: true,
    plain: true,
  },
  project: {
    type: "text",
    summary: "The project (default: the name of the current directory).",
    value: "NAME",
  },
  prefer: {
    type: "port",
    summary: "Claim this port if it is free, else another.",
    value: "PORT",
    short: "p",
  },
  exact: { type: "flag", summary: "Fail if the preferred port isn't free." },
  lease: {
    type: "choice",
    summary: "persistent: keep the port even if nothing uses it for long (default: ephemeral).",
    choices: ["ephemeral", "persistent"],
  },
  agent: {
    type: "text",
    summary: "The agent that claims (default: recognized by its environment variables).",
    value: "NAME",
  },
} as const satisfies Options;

/** Reads {@link REQUEST}. Throws a UsageError where no service is named. */
export function requestOf(
  { service, project, prefer, exact, lease, agent }: Values<typeof REQUEST>,
  command: string,
  io: Io,
): AcquireRequest {
  if (service.length === 0) {
    const wish = prefer === undefined ? "" : ` --prefer ${prefer}`;
    const rest = command === "run" ? " -- npm run dev" : "";
    const example = `portclaim ${command} web${wish}${rest}`;
    throw new UsageError("missing service", `name it, for example: ${example}`);
  }
  checkServices(service, command);
  const session = agentSession(io.env)?.value;
  return {
    services: service,
    cwd: io.cwd(),
    exact,
    agent: agent ?? detectAgent(io.env),
    ...(project !== undefined && { project }),
    ...(prefer !== undefined && { prefer }),
    ...(lease !== undefined && { lease }),
    ...(session !== undefined && { session }),
  };
}

/** The variable of each service. Throws a UsageError where two services would share one. */
export function variablesFor(services: readonly string[]): string[] {
  const names = services.map(variableFor);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new UsageError(
    `several services would set ${twice}`,
    "give them names that differ in letters or digits",
  );
}
