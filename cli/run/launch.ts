import { findCircle } from "../../frameworks/find-circle.ts";
import type { Script } from "../../frameworks/invocation.ts";
import { type CommandPlan, planCommand } from "../../frameworks/plan-command.ts";
import { resolveCommand } from "../../frameworks/resolve-command.ts";
import { become, changeWord, findProgram, type Word } from "../../native/posix/exec.ts";
import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import { acquire, type Acquired } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { MARK_VARIABLE } from "../../registry/liveness/mark.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { warnOnce } from "../context.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Io } from "../output/io.ts";
import { announce, warnAboutGrant, warnAboutRunning } from "../output/warnings.ts";

/** Set below `run --all`, where each service's `run` starts it even if it runs elsewhere. */
export const ALL_VARIABLE = "PORTCLAIM_RUN_ALL";

/** A command to become, and the ports to claim for it. */
export interface Launch {
  request: AcquireRequest;
  /** The command as text, and its exact words. */
  words: string[];
  given: readonly Word[];
  /** The directory to run it in, and that of its checkout. */
  cwd: string;
  root: string | undefined;
  /** Pass the port the way the server reads it. */
  injects: boolean;
  /** The port in portclaim.toml takes precedence over one that the command names. */
  hasPort?: boolean;
  /** The variables to set for the ports. */
  variables: (grants: readonly Grant[]) => Record<string, string>;
}

/** Claims the ports and becomes the command. Returns only if it already runs, and nothing was claimed. */
export async function launch(io: Io, registry: Registry, launched: Launch): Promise<Acquired> {
  const { words: typed, given, cwd, root, injects } = launched;
  const program =
    findInstalled(typed, cwd, root, io) ??
    findProgram(given[0] ?? "", io.env["PATH"] ?? "/usr/bin:/bin");
  const circle = injects ? findCircle(typed, cwd) : undefined;
  if (circle) throw endless(circle);
  const plan = (argv: readonly string[], port?: number): CommandPlan =>
    injects
      ? planCommand({ argv, cwd, ...(port !== undefined && { port }) })
      : { argv, env: {}, added: [] };
  const { preferred, oneServerPerDirectory, tool } = plan(typed);
  const asked = launched.request;
  const prefer = asked.prefer ?? (launched.hasPort ? undefined : preferred);
  const before = marksOf(io);
  const request = { ...asked, marks: before, ...(prefer !== undefined && { prefer }) };
  const { machine } = registry;
  const mark = crypto.randomUUID();
  const name = typed[0] ?? "";
  // This process becomes the command, so its pid is the server's.
  const caller = {
    ...callerFor(machine, machine.pid),
    command: name.slice(name.lastIndexOf("/") + 1),
    serves: true,
    mark,
  };
  const acquired = await acquire(registry, request, caller);
  const { grants } = acquired;
  if (acquired.running) return acquired;
  try {
    for (const warning of acquired.warnings) warnOnce(io, warning);
    for (const grant of grants) warnAboutGrant(grant, io);
    const isSingle = oneServerPerDirectory && tool !== undefined;
    for (const running of acquired.others) {
      const single = isSingle && running.cwd === cwd ? { single: tool } : {};
      warnAboutRunning({ ...running, ...single }, io);
    }
    const fillIn = (word: Word, i: number) =>
      i === 0 ? word : changeWord(word, (text) => fill(text, grants));
    const words = typed.map((word, i) => (i === 0 ? word : fill(word, grants)));
    const { argv, env, added, refusal, moves } = plan(words, grants[0]?.claim.port);
    if (refusal?.asTyped && asked.prefer !== undefined && !asked.exact) {
      io.say(`warning: ${refusal.message}; ${refusal.hint}`);
    } else if (refusal) throw new CommandError(EXIT.failed, refusal.message, refusal.hint);
    if (added.length > 0) io.say(`added ${added.join(" ")}`);
    if (moves && io.isWatched) {
      const [service] = asked.services;
      io.say(`${tool} may still choose another port; to see which: portclaim url ${service}`);
    }
    announce(grants, io);
    const variables = {
      ...(io.env[ALL_VARIABLE] && { [ALL_VARIABLE]: "" }),
      ...env,
      ...launched.variables(grants),
      // Nested runs pass on the last four marks, newest first.
      [MARK_VARIABLE]: [mark, ...before].slice(0, 4).join(" "),
    };
    become(program, [...given.map(fillIn), ...argv.slice(words.length)], variables);
  } catch (error) {
    await acquired.undo();
    throw error;
  }
}

/** Finds the command's program by name, in the nearest node_modules/.bin too. */
function findInstalled(argv: string[], cwd: string, root: string | undefined, io: Io) {
  const path = io.env["PATH"] ?? "/usr/bin:/bin";
  const { program, hint } = resolveCommand({ argv, cwd, root, path });
  if (program !== undefined || hint === undefined) return program;
  throw new CommandError(EXIT.noCommand, `cannot run ${argv[0]}: command not found`, hint);
}

function endless({ name, line, directory }: Script): CommandError {
  return new CommandError(
    EXIT.failed,
    `the script "${name}" runs itself again: ${line}`,
    `correct the scripts in ${directory}/package.json`,
  );
}

const marksOf = ({ env }: Io) => (env[MARK_VARIABLE] ?? "").split(" ").filter(Boolean);

/** Replaces {port} by the first service's port, {api.port} by that of "api"; {{port}} is a literal {port}. */
function fill(word: string, grants: readonly Grant[]): string {
  return word.replace(/(?<!\$)(\{?)\{(?:([^{}]+)\.)?port\}(\}?)/g, (whole, start, service, end) => {
    if (start === "{" && end === "}") return whole.slice(1, -1);
    const grant =
      service === undefined ? grants[0] : grants.find((one) => one.claim.service === service);
    return grant === undefined ? whole : `${start}${grant.claim.port}${end}`;
  });
}
