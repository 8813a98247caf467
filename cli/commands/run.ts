import { type CommandPlan, planCommand } from "../../frameworks/plan-command.ts";
import { resolveCommand } from "../../frameworks/resolve-command.ts";
import {
  become,
  changeWord,
  exactArguments,
  findProgram,
  type Word,
} from "../../native/posix/exec.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { MARK_VARIABLE } from "../../registry/liveness/coverage.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { here, open } from "../context.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Io } from "../output/io.ts";
import { announce, warnAboutGrant, warnAboutRunning } from "../output/warnings.ts";
import { missingCommand } from "../parse/missing-command.ts";
import { REQUEST, requestOf, variablesFor } from "../parse/request.ts";

export const runCommand = defineCommand({
  name: "run",
  about: `Sets PORT (the first service's port) and a variable for each service (WEB_PORT), replaces {port} and {service.port} in the arguments, and becomes the command: the claim lives as long as the server, and signals and exit code are the server's own.

A server that ignores PORT gets the port the way it reads it, through package scripts and runners too: npm run dev becomes npm run dev -- --port 3000 --strictPort where its script runs vite. What was added is printed once. A port that the command or its script names is preferred.

In a shell script given to the command, write $PORT: {port} is replaced only where no $ stands before it.`,
  output: "bare",
  options: {
    ...REQUEST,
    "no-inject": { type: "flag", summary: "Leave the command alone: only set the variables." },
  },
  rest: "COMMAND [ARGUMENT…]",
  examples: [
    ["portclaim run web -- npm start", "Run npm start with PORT and WEB_PORT set."],
    ["portclaim run web -- vite --port {port}", "Pass the port as an argument."],
    ["portclaim run web api -- ./dev {web.port} {api.port}", "Claim two ports at once."],
  ],
  async run(values, io, rest = []) {
    const [command] = rest;
    const asked = requestOf(values, "run", io);
    if (command === undefined || command.startsWith("-")) throw missingCommand(values, rest);
    const names = variablesFor(values.service);
    const registry = await open(io);
    const { cwd, checkout } = here(io, registry);
    const given = exactArguments(rest);
    const program =
      findInstalled(rest, cwd, checkout?.root, io) ??
      findProgram(given[0] ?? "", io.env["PATH"] ?? "/usr/bin:/bin");
    const plan = (argv: readonly string[], port?: number): CommandPlan =>
      values["no-inject"]
        ? { argv, env: {}, added: [] }
        : planCommand({ argv, cwd, ...(port !== undefined && { port }) });
    const { preferred, oneServerPerDirectory, tool } = plan(rest);
    const prefer = asked.prefer ?? preferred;
    const request = { ...asked, ...(prefer !== undefined && { prefer }) };
    const { machine } = registry;
    const mark = crypto.randomUUID();
    // This process becomes the command, so its pid is the server's.
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
      const isSingle = oneServerPerDirectory && tool !== undefined;
      for (const running of acquired.others) {
        const single = isSingle && running.cwd === cwd ? { single: tool } : {};
        warnAboutRunning({ ...running, ...single }, io);
      }
      const fillIn = (word: Word, i: number) =>
        i === 0 ? word : changeWord(word, (text) => fill(text, grants));
      const words = rest.map((word, i) => (i === 0 ? word : fill(word, grants)));
      const { argv, env, added, refusal, moves } = plan(words, grants[0]?.claim.port);
      if (refusal?.asTyped && asked.prefer !== undefined && !asked.exact) {
        io.say(`warning: ${refusal.message}; ${refusal.hint}`);
      } else if (refusal) throw new CommandError(EXIT.failed, refusal.message, refusal.hint);
      if (added.length > 0) io.say(`added ${added.join(" ")}`);
      if (moves && io.isWatched) {
        io.say(
          `${tool} may still choose another port; to see which: portclaim url ${values.service[0]}`,
        );
      }
      announce(grants, io);
      const marks = { [MARK_VARIABLE]: marksFor(mark, io.env[MARK_VARIABLE]) };
      const variables = { ...env, ...ports(grants, names), ...marks };
      become(program, [...given.map(fillIn), ...argv.slice(words.length)], variables);
    } catch (error) {
      await acquired.undo();
      throw error;
    }
  },
});

/** The command's program by its name in text, in the nearest node_modules/.bin too. */
function findInstalled(argv: string[], cwd: string, root: string | undefined, io: Io) {
  const path = io.env["PATH"] ?? "/usr/bin:/bin";
  const { program, hint } = resolveCommand({ argv, cwd, root, path });
  if (program !== undefined || hint === undefined) return program;
  throw new CommandError(EXIT.noCommand, `cannot run ${argv[0]}: command not found`, hint);
}

/** Nested runs pass on the last four marks, newest first. */
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
