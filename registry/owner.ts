import { INITIAL_PID_NAMESPACE } from "../native/identity.ts";
import type { Claim, Owner } from "./claim.ts";
import { Refusal } from "./errors.ts";
import type { Machine, Place, Process } from "./machine.ts";
import {
  isCommandShell,
  isShell,
  isSupervisor,
  isTransient,
  programOf,
  words,
} from "./transient.ts";

/** On whose behalf a call is made. */
export interface Caller {
  /** The process that the claim will live as long as. */
  owner: Process;
  command: string;
  /** It was named, by `--pid` or `run`, and not found. */
  named?: boolean;
  /** It will be the server itself: `run`. */
  serves?: boolean;
  /** Process group of the throwaway shell that asked, else the owner's; none for a named one. */
  group?: number;
  /** Whether all that is in that group came with this call. */
  throwaway?: boolean;
  /** The outermost throwaway shell between the owner and this process. */
  shell?: Process;
  /** The outermost process that only carried this call. */
  errand?: Process;
  /** This process. */
  self?: Process;
  /** This process and all its ancestors. */
  lineage: ReadonlySet<number>;
}

const DEEPEST = 256;

/** A process and its ancestors, nearest first, as far as they can be seen. */
export function ancestors(machine: Machine, pid: number): Process[] {
  const line: Process[] = [];
  for (let next = pid; next > 0 && line.length < DEEPEST;) {
    const process = machine.process(next);
    if (process === undefined) break;
    line.push(process);
    next = process.parent;
  }
  return line;
}

function readWords(machine: Machine, pid: number): string[] {
  return words(machine.arguments(pid));
}

const INTERPRETERS = /^(node|bun|deno|python[\d.]*|ruby|perl|php)$/;

/** What to call a process: its program, and the script that an interpreter runs. */
export function describe(machine: Machine, process: Process): string {
  const argv = readWords(machine, process.pid);
  // npm's package of bun calls its program bun.exe everywhere.
  const program = (programOf(argv) || process.name).replace(/\.exe$/, "");
  const script = argv.slice(1).find((word) => !word.startsWith("-"));
  if (script === undefined || !INTERPRETERS.test(program)) return program;
  return `${program} ${script.slice(script.lastIndexOf("/") + 1)}`;
}

/**
 * Finds on whose behalf this call is made: the nearest ancestor that will outlive it.
 * `command` is portclaim's own, "acquire" say, by which its launchers are known.
 * Throws a Refusal ("no-owner") where nobody but a process that lives for ever is left.
 */
export function findCaller(machine: Machine, command: string): Caller {
  const line = ancestors(machine, machine.parent);
  const skipped: Process[] = [];
  let owner: Process | undefined;
  let below: readonly string[] | undefined;
  for (const [i, process] of line.entries()) {
    if (process.pid === 1 || isSupervisor(process)) break;
    const argv = readWords(machine, process.pid);
    const parent = () => readWords(machine, line[i + 1]?.pid ?? 0);
    if (!isTransient({ process, argv, parent, below }, command)) {
      owner = process;
      break;
    }
    skipped.push(process);
    below = argv;
  }
  owner ??= lastResort(machine, skipped);
  const lineage = new Set([machine.pid, ...line.map(({ pid }) => pid)]);
  const shell = skipped.findLast(
    ({ pid }) => pid !== owner.pid && isCommandShell(readWords(machine, pid)),
  );
  const self = machine.process(machine.pid);
  const group = shell?.group ?? ownGroup(machine, owner, self, command);
  const errand = skipped.at(-1);
  // A shell that is its own last resort may still be in the group of whoever started it.
  const leader = machine.process(group);
  const strange = leader !== undefined && !skipped.some(({ pid }) => pid === leader.pid);
  const throwaway = group !== owner.group || (errand?.pid === owner.pid && !strange);
  return {
    owner,
    command: describe(machine, owner),
    // A group of another pid namespace shows as 0.
    ...(group > 0 && { group, throwaway }),
    ...(shell && { shell }),
    ...(errand && { errand }),
    ...(self && { self }),
    lineage,
  };
}

/**
 * The process group to look for a server in where no throwaway shell is to be seen. `bash -c` becomes
 * a lone command, so a group of our own is that shell's; below a shell it is just a job's.
 */
function ownGroup(
  machine: Machine,
  owner: Process,
  self: Process | undefined,
  command: string,
): number {
  const lasts = command === "mcp-serve";
  if (lasts || isShell(readWords(machine, owner.pid))) return owner.group;
  return self?.group ?? owner.group;
}

function lastResort(machine: Machine, skipped: readonly Process[]): Process {
  const namespace = machine.place().pidns;
  const contained = namespace !== null && namespace !== INITIAL_PID_NAMESPACE;
  const first = contained && machine.pid !== 1 ? machine.process(1) : undefined;
  const owner = first ?? skipped.at(-1);
  if (owner !== undefined) return owner;
  throw new Refusal("Cannot tell whose claim this is: every process that asked ends with it", {
    code: "no-owner",
  });
}

/** A caller whose claims end with one process, whoever it started: `--pid`, `run`. */
export function callerFor(machine: Machine, pid: number): Caller {
  const owner = machine.process(pid);
  if (owner === undefined || owner.ended) {
    const what = owner === undefined ? "there is no such process" : "it has ended";
    throw new Refusal(`Cannot claim for process ${pid}: ${what}`, { code: "invalid", what: "pid" });
  }
  const line = ancestors(machine, machine.pid);
  return {
    owner,
    command: describe(machine, owner),
    named: true,
    lineage: new Set([machine.pid, ...line.map((process) => process.pid)]),
  };
}

/** The caller as a claim's `owner`. */
export function ownerRecord(machine: Machine, place: Place, caller: Caller): Owner {
  const { owner, shell, group, throwaway } = caller;
  return {
    command: caller.command,
    start: String(owner.start),
    ...place,
    ...(caller.serves && { serves: true }),
    ...(group !== undefined && { group }),
    ...(throwaway && { throwaway }),
    ...(shell && !throwaway && { shell: { pid: shell.pid, start: String(shell.start) } }),
    at: machine.monotonic().toFixed(6),
    asked: machine.tick(),
  };
}

/** Whether a claim is this caller's: the same process on the same machine, not just its pid. */
export function isOwn(claim: Claim, caller: Caller, place: Place): boolean {
  if (claim.pid !== caller.owner.pid) return false;
  const { owner } = claim;
  if (owner === undefined) return true;
  return (
    owner.start === String(caller.owner.start) &&
    owner.boot === place.boot &&
    owner.pidns === place.pidns
  );
}
