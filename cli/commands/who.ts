import { RegistryError } from "../../registry/errors/errors.ts";
import type { ListenerView } from "../../registry/model/claim.ts";
import { formatAge } from "../../registry/model/time.ts";
import { withUrl } from "../../registry/model/url.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { describeClaim } from "../../registry/query/explain.ts";
import { resolvePort } from "../../registry/query/find.ts";
import { inspectPort, type PortInspection } from "../../registry/query/inspect.ts";
import { defineCommand } from "../command.ts";
import { openAnyway, placeFor } from "../context.ts";
import { printJson } from "../output/io.ts";
import { homePath } from "../output/place.ts";
import { printable } from "../output/printable.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const whoCommand = defineCommand({
  name: "who",
  about: `Shows the claim of a port with its owner, and every process that really listens there, with its directory, addresses and age.`,
  needsWord: true,
  output: "json",
  options: TARGET,
  examples: [
    ["portclaim who 3000", "Show what claims and uses port 3000."],
    ["portclaim who web", "Show the same for this project's web."],
  ],
  async run(values, io) {
    const target = targetOf(values, "who");
    const registry = await openAnyway(io);
    const caller = () => tryResolveCaller(registry.machine, "who");
    const port = resolvePort(registry, target, await placeFor(io, registry, values), {
      reach: "machine",
      caller,
    });
    const inspection = inspectPort(registry, port, { probe: true });
    const { claim, problem, listeners, bound } = inspection;
    if (claim === null && problem === null && listeners.length === 0 && !bound) {
      throw new RegistryError(`nothing listens on port ${port}, and it isn't claimed`, {
        code: "not-found",
        what: `port ${port}`,
      });
    }
    if (io.json) return printJson(io, { ...inspection, claim: claim && withUrl(claim) });
    const place = (path: string) => homePath(path, io.env["HOME"]);
    for (const line of lines(inspection, place)) io.print(`${printable(line)}\n`);
  },
});

function lines(
  { port, claim, problem, listeners, bound }: PortInspection,
  place: (path: string) => string,
): string[] {
  const head = claim
    ? `${port}  ${claim.service} in ${claim.project}, ${claim.state}`
    : `${port}  not claimed`;
  const elsewhere = claim && describeElsewhere(claim);
  const claimed = claim && `${describeClaim(claim)} ${formatAge(claim.age)} ago`;
  return [
    problem === null ? head : `${port}  unreadable claim file: ${problem}`,
    ...(claimed
      ? [`  ${claimed}${claim.cwd === undefined ? "" : `, in ${place(claim.cwd)}`}`]
      : []),
    ...listeners.map((listener) => `  ${listenerLine(listener, claim !== null, place)}`),
    ...(bound ? ["  a process has bound it, but doesn't listen"] : []),
    ...(listeners.length === 0 && !bound ? ["  nothing listens on it"] : []),
    ...(elsewhere ? [`  ${claim?.service} ${elsewhere}`] : []),
  ];
}

function listenerLine(
  listener: ListenerView & { covered: boolean },
  claimed: boolean,
  place: (path: string) => string,
): string {
  const { pid, command, cwd, age, addresses, uid, covered, suspended } = listener;
  const on = `on ${addresses.join(", ")}`;
  if (pid === null) return `a process of user ${uid ?? "?"} listens ${on}; it can't be identified`;
  const where = cwd === null ? "" : ` in ${place(cwd)}`;
  const since = age === null ? "" : `, for ${formatAge(age)}`;
  const notes = [
    suspended && "suspended",
    claimed && !covered && "doesn't belong to the claim",
  ].filter(Boolean);
  const note = notes.length > 0 ? `; ${notes.join(", ")}` : "";
  return `${command ?? "?"} (pid ${pid}) listens ${on}${where}${since}${note}`;
}
