import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { findUrl } from "../../registry/query/url.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { printJson } from "../output/io.ts";
import { warnAboutServer } from "../output/warnings.ts";
import { optionalTargetOf, TARGET } from "../parse/target.ts";

export const urlCommand = defineCommand({
  name: "url",
  about: `Prints http://localhost:3000, whether or not the server is ready yet. If the server listens on another port than the claimed one, prints the URL of that port.

Without an argument, prints the URL of the only server in this directory or checkout. A service of another project matches if you name the project; one in another checkout of the same repository never does.`,
  output: "bare",
  options: TARGET,
  examples: [
    ["curl $(portclaim url api)/health", "Send a request to this project's api."],
    ["portclaim url web --project shop", "Print the URL of another project's server."],
  ],
  async run(values, io) {
    const target = optionalTargetOf(values, "url");
    const registry = await openAnyway(io);
    const caller = () => tryResolveCaller(registry.machine, "url");
    const { url, port, claim } = findUrl(
      registry,
      target,
      await placeFor(io, registry, values),
      caller,
    );
    if (io.json) printJson(io, { url, port, service: claim?.service ?? null });
    else io.print(`${url}\n`);
    if (claim) warnAboutServer(claim, io);
  },
});
