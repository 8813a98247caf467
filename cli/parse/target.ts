import type { PortOrService } from "../../registry/query/find.ts";
import { UsageError } from "../exit.ts";
import { quote } from "./dashes.ts";
import type { Options, Values } from "./options.ts";

/** A port, or a service by name: what `who`, `wait`, `stop` and `release` are about. */
export const TARGET = {
  port: { type: "port", summary: "The port.", value: "PORT", plain: true, onlyPlain: true },
  service: {
    type: "text",
    summary: "The service, instead of a port.",
    value: "SERVICE",
    short: "s",
    plain: true,
  },
  project: { type: "text", summary: "The service's project.", value: "NAME" },
} as const satisfies Options;

/** Reads {@link TARGET}; `undefined` if nothing is named. */
export function optionalTargetOf(
  values: Values<typeof TARGET>,
  command: string,
): PortOrService | undefined {
  const { port, service, project } = values;
  if (port === undefined && service === undefined && project === undefined) return undefined;
  return targetOf(values, command);
}

/** Reads {@link TARGET}. Throws a UsageError unless a port or a service is named. */
export function targetOf(
  { port, service, project }: Values<typeof TARGET>,
  command: string,
): PortOrService {
  if (port !== undefined && service === undefined && project === undefined) return { port };
  if (service?.includes(":")) checkUrl(service, command);
  if (port !== undefined && service !== undefined && command === "wait" && port < 1024) {
    const line = `portclaim wait ${quote(service)} --timeout ${port}s`;
    throw new UsageError("got both a port and a service", `to wait ${port} seconds: ${line}`);
  }
  if (port === undefined && service !== undefined) {
    return { service, ...(project !== undefined && { project }) };
  }
  const what = port === undefined ? "missing port or service" : "got both a port and a service";
  throw new UsageError(what, `name one: portclaim ${command} 3000, or portclaim ${command} web`);
}

/** Refuses "http://localhost:3000" and "localhost:3000": the port alone is meant. */
function checkUrl(service: string, command: string): void {
  const url = /^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-f:]+\])?:(\d{1,5})(?:\/.*)?$/i;
  const port = url.exec(service)?.[1];
  if (port === undefined) return;
  const what = `invalid service ${JSON.stringify(service)}: it contains a port`;
  throw new UsageError(what, `run: portclaim ${command} ${port}`);
}
