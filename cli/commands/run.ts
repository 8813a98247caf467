import { become, findProgram } from "../../native/posix/exec.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { MARK_VARIABLE } from "../../registry/liveness/coverage.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { type Command, UsageError } from "../command.ts";
import { open } from "../context.ts";
import type { Io } from "../output/io.ts";
import type { Parsed } from "../parse/argv.ts";
import { envNames, requestFlags, requestOf, sayMore } from "../parse/request.ts";

export const runCommand: Command = {
  name: "run",
  output: "bare",
  args: { ...requestFlags() },
  rest: "COMMAND [ARGUMENT…]",
  examples: [
    ["portclaim run --service web -- next dev --port {port}", "the claim lives as long as next"],
    [
      "portclaim run --service web --service api -- ./dev {web.port} {api.port}",
      "two ports at once",
    ],
    ["portclaim run --service web -- npm start", "PORT and WEB_PORT are set"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const [command, ...rest] = args.rest ?? [];
  if (command === undefined) {
    throw new UsageError(
      "Cannot run: no command is named",
      "type: portclaim run --service NAME -- COMMAND [ARGUMENT…]",
    );
  }
  const names = envNames(args.all("service"));
  const registry = await open(io);
  const request = requestOf(args, io);
  const program = findProgram(command, io.env["PATH"] ?? "/usr/bin:/bin");
  const { machine } = registry;
  // This very process becomes the command, so its pid is the server's.
  const mark = crypto.randomUUID();
  const caller = {
    ...callerFor(machine, machine.pid),
    command: baseName(command),
    serves: true,
    mark,
  };
  const acquired = await acquire(registry, request, caller);
  try {
    for (const grant of acquired.grants) sayMore(grant, io);
    const argv = [command, ...rest.map((word) => fill(word, acquired.grants))];
    const env = { ...setVariables(io.env), ...ports(acquired.grants, names) };
    env[MARK_VARIABLE] = marksFor(mark, io.env[MARK_VARIABLE]);
    become(program, argv, env);
  } catch (error) {
    await acquired.undo();
    throw error;
  }
}

/** Nested runs hand on the last four marks, the newest first. */
function marksFor(mark: string, before = ""): string {
  return [mark, ...before.split(" ").filter(Boolean)].slice(0, 4).join(" ");
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Replaces {port} by the first service's port, {api.port} by that of "api". */
function fill(word: string, grants: readonly Grant[]): string {
  return word.replace(/\{(?:([^{}]+)\.)?port\}/g, (whole, service?: string) => {
    const grant =
      service === undefined ? grants[0] : grants.find((one) => one.claim.service === service);
    return grant === undefined ? whole : String(grant.claim.port);
  });
}

function ports(grants: readonly Grant[], names: readonly string[]): Record<string, string> {
  const each = grants.map(({ claim }, i) => [names[i] ?? "", String(claim.port)]);
  return { ...Object.fromEntries(each), PORT: String(grants[0]?.claim.port) };
}

function setVariables(env: Io["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
