import { withUrl } from "../../registry/model/url.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { findClaim } from "../../registry/query/find.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../output/io.ts";
import { warnAboutServer } from "../output/warnings.ts";

export const findCommand = () =>
  defineCommand({
    name: "find",
    about: `Looks in this directory, then in this checkout, then on the whole machine, where it accepts only a single match and says so on stderr. If several claims are equally near, it fails and lists them. A claim of another checkout of the same repository never matches.`,
    output: "bare",
    options: {
      service: {
        type: "text",
        summary: "The service to look for.",
        value: "SERVICE",
        short: "s",
        plain: true,
      },
      project: { type: "text", summary: "The project to look in.", value: "NAME" },
      agent: { type: "text", summary: "Only claims of this agent.", value: "NAME" },
    },
    examples: [
      ["curl localhost:$(portclaim find api)", "Talk to this project's api."],
      ["portclaim find --project my-app --json", "Print the whole claim."],
    ],
    async run({ service, project, agent }, io) {
      if (service === undefined && project === undefined) {
        throw new UsageError("missing service", "name it, for example: portclaim find api");
      }
      const registry = await openAnyway(io);
      const caller = () => tryResolveCaller(registry.machine, "find");
      const { best, others, isElsewhere } = findClaim(
        registry,
        { service, project, agent },
        await placeFor(io, registry, { service, project }),
        { reach: "machine", caller },
      );
      if (io.json) printJson(io, withUrl(best));
      else io.print(`${best.port}\n`);
      warnAboutServer(best, io);
      if (isElsewhere) io.say(`${best.port} is ${best.service} in ${best.project}, ${best.cwd}`);
      if (others.length === 0) return;
      const list = others.map((claim) => `${claim.port} (${claim.service}, ${claim.state})`);
      io.say(`${best.port} is ${best.service}, ${best.state}; also claimed: ${list.join(", ")}`);
    },
  });
