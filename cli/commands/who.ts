import { formatAge, type ListenerView } from "../../registry/model/claim.ts";
import { RegistryError } from "../../registry/model/errors.ts";
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
  const port = resolvePort(registry, target, here(io));
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
  const claimed = claim && `${describeClaim(claim)} ${formatAge(claim.age)} ago`;
  return [
    problem === null ? head : `${port}  its claim file can't be understood: ${problem}`,
    ...(claimed ? [`  ${claimed}${claim.cwd === undefined ? "" : ` in ${claim.cwd}`}`] : []),
    ...listeners.map((listener) => `  ${listenerLine(listener, claim !== null)}`),
    ...(listeners.length === 0 ? ["  nothing listens on it"] : []),
  ];
}

function listenerLine(listener: ListenerView & { covered: boolean }, claimed: boolean): string {
  const { pid, command, cwd, age, addresses, uid, covered } = listener;
  const on = `on ${addresses.join(", ")}`;
  if (pid === null) return `a process of user ${uid ?? "?"} listens ${on}; who it is can't be seen`;
  const where = cwd === null ? "" : ` in ${cwd}`;
  const since = age === null ? "" : `, for ${formatAge(age)}`;
  const doubt = claimed && !covered ? "; the claim doesn't cover it" : "";
  return `${command ?? "?"} (pid ${pid}) listens ${on}${where}${since}${doubt}`;
}
