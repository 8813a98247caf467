import { type Acquired, acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { withoutSecrets } from "../../registry/model/claim.ts";
import { callerFor, resolveCaller } from "../../registry/owner/caller.ts";
import { type Command, UsageError } from "../command.ts";
import { open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import type { Parsed } from "../parse/argv.ts";
import { envNames, requestFlags, requestOf, sayMore, sayRunning } from "../parse/request.ts";

export const acquireCommand = (): Command => ({
  name: "acquire",
  output: "bare",
  args: {
    ...requestFlags(),
    pid: {
      type: "string",
      description: "Process that the claim lives as long as (default: whoever called)",
      valueHint: "PID",
    },
    reuse: {
      type: "boolean",
      description: "Print the port that this service has here already, whoever claimed it",
    },
    format: {
      type: "enum",
      description: "port: a bare line each; env: WEB_PORT=3000 lines",
      options: ["port", "env"],
    },
  },
  examples: [
    ["PORT=$(portclaim acquire --service web --prefer 3000)", "a port for this project's web"],
    ["portclaim acquire --service db --prefer 5432 --exact", "that port or none"],
    [
      "eval $(portclaim acquire --service web --service api --format env)",
      "sets WEB_PORT, API_PORT",
    ],
    ["portclaim acquire --service web --pid $$", "lives as long as this shell"],
  ],
  run,
});

async function run(args: Parsed, io: Io): Promise<void> {
  if (args.has("json") && args.has("format")) {
    throw new UsageError("Cannot use --format with --json: they ask for different output");
  }
  const pid = args.pid("pid");
  const names = args.text("format") === "env" ? envNames(args.all("service")) : undefined;
  const registry = await open(io);
  const request = { ...requestOf(args, io), reuse: args.has("reuse") };
  const { machine } = registry;
  const caller = pid === undefined ? resolveCaller(machine, "acquire") : callerFor(machine, pid);
  const acquired = await acquire(registry, request, caller);
  await printOrUndo(acquired, io, names);
  for (const grant of acquired.grants) sayMore(grant, io);
  for (const other of acquired.others) sayRunning(other, io);
}

/** A port that nobody got to know would be lost: what can't be printed is undone. */
async function printOrUndo(acquired: Acquired, io: Io, names: string[] | undefined): Promise<void> {
  try {
    if (io.json) printGrants(acquired, io);
    else io.print(linesOf(acquired.grants, names));
  } catch (error) {
    await acquired.undo();
    throw error;
  }
}

function printGrants({ grants, others }: Acquired, io: Io): void {
  const objects = grants.map(({ claim, how }) => ({
    ...withoutSecrets(claim),
    how,
    ...(others.length > 0 && { others }),
  }));
  printJson(io, objects.length === 1 ? objects[0] : objects);
}

function linesOf(grants: readonly Grant[], names: string[] | undefined): string {
  let lines = "";
  for (let i = 0; i < grants.length; i++) {
    const port = grants[i]?.claim.port;
    lines += names ? `${names[i]}=${port}\n` : `${port}\n`;
  }
  return lines;
}
