import { formatAge, type ListenerView } from "../../registry/model/claim.ts";
import { RegistryError } from "../../registry/model/errors.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { describeClaim } from "../../registry/query/explain.ts";
import { resolvePort } from "../../registry/query/find.ts";
import { type PortInspection, inspectPort } from "../../registry/query/inspect.ts";
import type { Command } from "../command.ts";
import { here, open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";
import { TARGET, targetOf } from "../parse/target.ts";

export const whoCommand: Command = {
  name: "who",
  output: "json",
  args: TARGET,
  examples: [
    ["portclaim who 3000", "the claim, and the process that listens"],
    ["portclaim who --service web", "the same for this project's web"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const target = targetOf(args);
  const registry = await open(io);
  const caller = () => tryResolveCaller(registry.machine, "who");
  const port = resolvePort(registry, target, here(io, registry), { reach: "machine", caller });
  const who = inspectPort(registry, port);
  if (who.claim === null && who.problem === null && who.listeners.length === 0) {
    const what = `port ${port}`;
    throw new RegistryError(`Nobody claims port ${port}, and nothing listens on it`, {
      code: "not-found",
      what,
    });
  }
  if (io.json) printJson(io, who);
  else
    io.print(
      lines(who)
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
}

function lines({ port, claim, problem, listeners }: PortInspection): string[] {
  const head = claim
    ? `${port}  ${claim.service} of ${claim.project}, ${claim.state}`
    : `${port}  not claimed`;
  const elsewhere = claim && describeElsewhere(claim);
  const claimed = claim && `${describeClaim(claim)} ${formatAge(claim.age)} ago`;
  return [
    problem === null ? head : `${port}  its claim file can't be understood: ${problem}`,
    ...(claimed ? [`  ${claimed}${claim.cwd === undefined ? "" : ` in ${claim.cwd}`}`] : []),
    ...listeners.map((listener) => `  ${listenerLine(listener, claim !== null)}`),
    ...(listeners.length === 0 ? ["  nothing listens on it"] : []),
    ...(elsewhere ? [`  ${claim?.service} ${elsewhere}`] : []),
  ];
}

function listenerLine(listener: ListenerView & { covered: boolean }, claimed: boolean): string {
  const { pid, command, cwd, age, addresses, uid, covered, suspended } = listener;
  const on = `on ${addresses.join(", ")}`;
  if (pid === null) return `a process of user ${uid ?? "?"} listens ${on}; who it is can't be seen`;
  const where = cwd === null ? "" : ` in ${cwd}`;
  const since = age === null ? "" : `, for ${formatAge(age)}`;
  const notes = [
    suspended && "suspended",
    claimed && !covered && "doesn't belong to the claim",
  ].filter(Boolean);
  const note = notes.length > 0 ? `; ${notes.join(", ")}` : "";
  return `${command ?? "?"} (pid ${pid}) listens ${on}${where}${since}${note}`;
}
