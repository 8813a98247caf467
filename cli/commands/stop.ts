import { stop } from "../../registry/control/stop.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { printJson } from "../output/io.ts";
import { printable } from "../output/printable.ts";
import { warnAboutServer } from "../output/warnings.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const stopCommand = defineCommand({
  name: "stop",
  about: `Ends the server with its supervisor (npm, nodemon, a reloader): SIGTERM, then SIGKILL. Stops servers of your own claims and of claims in this checkout, and never a shell, a terminal, an editor, an agent, or anything that this command runs in. Other processes that listen on the port are left alone. Fails if the server is started again.`,
  needsWord: true,
  output: "json",
  options: {
    ...TARGET,
    timeout: {
      type: "duration",
      summary: "Time between SIGTERM and SIGKILL (default: 5s).",
      value: "DURATION",
    },
    force: {
      type: "flag",
      summary: "Stop a server of another owner, or one without a claim.",
    },
  },
  examples: [
    ["portclaim stop web", "Stop this project's web."],
    ["portclaim stop 3000 --timeout 20s", "Give it 20 seconds to exit by itself."],
  ],
  async run({ timeout = 5, force, ...values }, io) {
    const target = targetOf(values, "stop");
    const registry = await openAnyway(io);
    const caller = tryResolveCaller(registry.machine, "stop");
    const request = { target, here: await placeFor(io, registry, values), timeout, force };
    const { port, claim, ended, foreign, also, released } = await stop(registry, request, caller);
    if (io.json) {
      printJson(io, { port, service: claim?.service ?? null, ended, foreign, also, released });
    } else {
      for (const { pid, command, signal } of ended) {
        io.print(
          `${printable(`stopped ${command ?? "process"} (pid ${pid}) on ${port} with ${signal}`)}\n`,
        );
      }
    }
    if (claim && ended.length === 0) warnAboutServer(claim, io);
    if (ended.length === 0) {
      const hasExited = claim !== null && released;
      io.say(hasExited ? `${claim.service} has already exited` : `nothing listens on ${port}`);
    }
    for (const { command, pid } of foreign) {
      io.say(`${command ?? "a process"} (pid ${pid}) also listens on ${port}; left alone`);
    }
    if (also.length > 0) io.say(`its supervisor also ended the servers on ${also.join(", ")}`);
  },
});
