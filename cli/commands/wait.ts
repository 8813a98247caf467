import { waitForPort } from "../../registry/control/wait.ts";
import { localUrl } from "../../registry/model/url.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../output/io.ts";
import { printable } from "../output/printable.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const waitCommand = defineCommand({
  name: "wait",
  about: `Waits until the port accepts connections, on IPv4 or IPv6. The service may be claimed later, and its port may change. After the timeout, fails and says what it saw last.`,
  needsWord: true,
  output: "json",
  options: {
    ...TARGET,
    http: {
      type: "text",
      summary: "Wait until a request for this path returns 2xx or 3xx.",
      value: "PATH",
    },
    free: { type: "flag", summary: "Wait until nothing listens." },
    timeout: { type: "duration", summary: "Give up after this (default: 30s).", value: "DURATION" },
  },
  examples: [
    ["portclaim wait api && npm test", "Run the tests once the api accepts connections."],
    ["portclaim wait 3000 --http /health --timeout 1m", "Wait until /health returns 2xx or 3xx."],
    ["portclaim wait 3000 --free", "Wait until nothing listens on it."],
  ],
  async run({ http, free, timeout = 30, ...values }, io) {
    const target = targetOf(values, "wait");
    if (free && http !== undefined) throw new UsageError("--free can't be used with --http");
    const registry = await openAnyway(io);
    const port = await waitForPort(registry, {
      target,
      here: await placeFor(io, registry, values),
      timeout,
      free,
      onElsewhere: (message) => io.say(message),
      ...(http !== undefined && { http }),
    });
    if (io.json) return printJson(io, { port, state: free ? "free" : "accepting" });
    const url = localUrl(port);
    const name = "service" in target ? target.service : `port ${port}`;
    const ready = `${name} is ready: ${url}${http?.replace(/^(?!\/)/, "/") ?? ""}`;
    io.print(`${printable(free ? `nothing listens on port ${port}` : ready)}\n`);
  },
});
