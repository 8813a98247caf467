import { stop } from "../../registry/control/stop.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
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
  const request = { target, here: here(io, registry), timeout, force: args.has("force") };
  const stopped = await stop(registry, request, caller);
  const { port, claim, ended, foreign, also } = stopped;
  if (io.json) {
    const service = claim?.service ?? null;
    printJson(io, { port, service, ended, foreign, also, released: stopped.released });
  } else {
    const lines = ended.map(({ pid, command, signal }) =>
      printable(`stopped ${command ?? "process"} (pid ${pid}) on ${port} with ${signal}`),
    );
    io.print(lines.map((line) => `${line}\n`).join(""));
  }
  const elsewhere = claim && describeElsewhere(claim);
  if (elsewhere) io.say(`${claim?.service} ${elsewhere}`);
  else if (ended.length === 0) io.say(`nothing listens on ${port}`);
  for (const { command, pid } of foreign) {
    io.say(`${command ?? "a process"} (pid ${pid}) also listens on ${port}; left alone`);
  }
  if (also.length > 0) io.say(`its supervisor also ended the servers on ${also.join(", ")}`);
}
