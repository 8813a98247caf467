import type { PortOrService } from "../../registry/query/find.ts";
import { UsageError } from "../command.ts";
import type { Argument } from "./argument.ts";
import type { Parsed } from "./argv.ts";

/** A port, or a service by name: what `who`, `wait` and `stop` are about. */
export const TARGET: Record<string, Argument> = {
  port: { type: "positional", description: "The port", valueHint: "PORT", required: false },
  service: { type: "string", description: "The port of this service", valueHint: "NAME" },
  project: { type: "string", description: "Project of the service", valueHint: "NAME" },
};

/** Reads {@link TARGET}. Throws a UsageError unless exactly one of both is named. */
export function targetOf(args: Parsed): PortOrService {
  const port = args.port("port");
  const service = args.text("service");
  const project = args.text("project");
  if (port !== undefined && service === undefined && project === undefined) return { port };
  if (port === undefined && service !== undefined) {
    return { service, ...(project !== undefined && { project }) };
  }
  const both = port !== undefined;
  throw new UsageError(
    both
      ? "Cannot use both a port and a service: say which one"
      : "No port and no service is named",
    `type: portclaim ${args.command} PORT, or --service NAME`,
  );
}
