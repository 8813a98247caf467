import { waitForPort } from "../../registry/control/wait.ts";
import { type Command, UsageError } from "../command.ts";
import { here, open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import type { Parsed } from "../parse/argv.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const waitCommand: Command = {
  name: "wait",
  output: "json",
  args: {
    ...TARGET,
    http: {
      type: "string",
      description: "Until it answers this path with 2xx or 3xx",
      valueHint: "PATH",
    },
    free: { type: "boolean", description: "Until nothing listens on it" },
    timeout: {
      type: "string",
      description: "Give up after this (default: 30s)",
      valueHint: "DURATION",
    },
  },
  examples: [
    ["portclaim wait --service api && npm test", "once the api accepts connections"],
    ["portclaim wait 3000 --http /health --timeout 1m", "once it answers"],
    ["portclaim wait 3000 --free", "once nothing listens on it any more"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const target = targetOf(args);
  const timeout = args.duration("timeout") ?? 30;
  const http = args.text("http");
  const free = args.has("free");
  if (free && http !== undefined)
    throw new UsageError("Cannot use --free with --http: say which one");
  const registry = await open(io);
  const port = await waitForPort(registry, {
    target,
    here: here(io, registry),
    timeout,
    free,
    onElsewhere: (message) => io.say(message),
    ...(http !== undefined && { http }),
  });
  if (io.json) printJson(io, { port, state: free ? "free" : "accepting" });
}
