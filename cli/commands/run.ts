import { become, findProgram } from "../../native/posix/exec.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { MARK_VARIABLE } from "../../registry/liveness/coverage.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import { UsageError } from "../exit.ts";
import type { Io } from "../output/io.ts";
import { warnAboutGrant, warnAboutRunning } from "../output/warnings.ts";
import { REQUEST, requestOf, variablesFor } from "../parse/request.ts";

export const runCommand = defineCommand({
  name: "run",
  about: `Sets PORT (the first service's port) and a variable for each service (WEB_PORT), replaces {port} and {service.port} in the arguments, and becomes the command: the claim lives as long as the server, and signals and exit code are the server's own.

In a shell script given to the command, write $PORT: {port} is replaced only where no $ stands before it.`,
  output: "bare",
  options: { ...REQUEST },
  rest: "COMMAND [ARGUMENT…]",
  examples: [
    ["portclaim run web -- npm start", "Run npm start with PORT and WEB_PORT set."],
    ["portclaim run web -- vite --port {port}", "Pass the port as an argument."],
    ["portclaim run web api -- ./dev {web.port} {api.port}", "Claim two ports at once."],
  ],
  async run(values, io, rest = []) {
    const [command, ...words] = rest;
    const request = requestOf(values, "run", io);
    if (command === undefined) throw missingCommand(values.service);
    const names = variablesFor(values.service);
    const registry = await open(io);
    const program = findProgram(command, io.env["PATH"] ?? "/usr/bin:/bin");
    const { machine } = registry;
    const mark = crypto.randomUUID();
    // This very process becomes the command, so its pid is the server's.
    const caller = {
      ...callerFor(machine, machine.pid),
      command: command.slice(command.lastIndexOf("/") + 1),
      serves: true,
      mark,
    };
    const acquired = await acquire(registry, request, caller);
    const { grants } = acquired;
    try {
      for (const grant of grants) warnAboutGrant(grant, io);
      for (const running of acquired.others) warnAboutRunning(running, io);
      const argv = [command, ...words.map((word) => fill(word, grants))];
      const env = { ...definedVariables(io.env), ...ports(grants, names) };
      env[MARK_VARIABLE] = marksFor(mark, io.env[MARK_VARIABLE]);
      become(program, argv, env);
    } catch (error) {
      await acquired.undo();
      throw error;
    }
  },
});

/** Without `--`, the command's words were taken for services: all but the first are shown after it. */
function missingCommand([service, ...words]: readonly string[]): UsageError {
  const command = words.length > 0 ? words.join(" ") : "npm run dev";
  const hint = `put -- before the command: portclaim run ${service} -- ${command}`;
  return new UsageError("missing command", hint);
}

/** Nested runs hand on the last four marks, the newest first. */
function marksFor(mark: string, before = ""): string {
  return [mark, ...before.split(" ").filter(Boolean)].slice(0, 4).join(" ");
}

/** Replaces {port} by the first service's port, {api.port} by that of "api"; {{port}} is a literal {port}. */
function fill(word: string, grants: readonly Grant[]): string {
  return word.replace(/(?<!\$)(\{?)\{(?:([^{}]+)\.)?port\}(\}?)/g, (whole, start, service, end) => {
    if (start === "{" && end === "}") return whole.slice(1, -1);
    const grant =
      service === undefined ? grants[0] : grants.find((one) => one.claim.service === service);
    return grant === undefined ? whole : `${start}${grant.claim.port}${end}`;
  });
}

function ports(grants: readonly Grant[], names: readonly string[]): Record<string, string> {
  const each = grants.map(({ claim }, i) => [names[i] ?? "", String(claim.port)]);
  return { ...Object.fromEntries(each), PORT: String(grants[0]?.claim.port) };
}

function definedVariables(env: Io["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
