import { openBrowser } from "../../native/posix/browser.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { findUrl } from "../../registry/query/url.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { CommandError, EXIT } from "../exit.ts";
import { printJson } from "../output/io.ts";
import { warnAboutServer } from "../output/warnings.ts";
import { optionalTargetOf, TARGET } from "../parse/target.ts";

export const openCommand = defineCommand({
  name: "open",
  about: `Opens http://localhost:3000 with $BROWSER or the system's browser. Fails if nothing listens there yet.

Without an argument, opens the only server in this directory or checkout.`,
  output: "json",
  options: TARGET,
  examples: [
    ["portclaim open web", "Open this project's web."],
    ["portclaim wait web && portclaim open web", "Open it as soon as it is ready."],
  ],
  async run(values, io) {
    const target = optionalTargetOf(values, "open");
    const registry = await openAnyway(io);
    const caller = () => tryResolveCaller(registry.machine, "open");
    const { url, port, claim, isListening } = findUrl(
      registry,
      target,
      await placeFor(io, registry, values),
      caller,
    );
    if (!isListening) {
      const what = claim ? `${claim.service} isn't running: nothing` : "nothing";
      const reason = { code: "not-running", port } as const;
      throw new RegistryError(`${what} listens on port ${port}`, reason);
    }
    if (claim) warnAboutServer(claim, io);
    if (!openBrowser(url, io.env)) {
      throw new CommandError(EXIT.failed, "no browser found", `open ${url}`);
    }
    if (io.json) printJson(io, { url, port, service: claim?.service ?? null });
    else io.say(`opening ${url}`);
  },
});
