import { stop } from "../../registry/control/stop.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import type { Command } from "../command.ts";
import { here, open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const stopCommand: Command = {
  name: "stop",
  output: "json",
  args: {
    ...TARGET,
    timeout: {
      type: "string",
      description: "Between SIGTERM and SIGKILL (default: 5s)",
      valueHint: "DURATION",
    },
    force: { type: "boolean", description: "Also what is not yours or not claimed" },
  },
  examples: [
    ["portclaim stop --service web", "ends this project's web"],
    ["portclaim stop 3000 --timeout 20s", "gives it 20 seconds to end by itself"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const target = targetOf(args);
  const timeout = args.duration("timeout") ?? 5;
  const registry = await open(io);
  const caller = tryResolveCaller(registry.machine, "stop");
  const request = { target, here: here(io), timeout, force: args.has("force") };
  const { port, claim, ended } = await stop(registry, request, caller);
  if (io.json) printJson(io, { port, service: claim?.service ?? null, ended });
  else {
    const lines = ended.map(({ pid, command, signal }) =>
      printable(`stopped ${command ?? "process"} (pid ${pid}) on ${port} with ${signal}`),
    );
    io.print(lines.map((line) => `${line}\n`).join(""));
  }
  if (ended.length === 0) io.say(`nothing listens on ${port}`);
}
