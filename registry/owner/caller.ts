import { INITIAL_PID_NAMESPACE } from "../../native/identity.ts";
import type { Machine, HostIdentity, Process } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { commandName, readWords } from "./command-name.ts";
import { isCommandShell, isShell, isSupervisor, isWrapper } from "./wrappers.ts";

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
  carrier?: Process;
  /** This process. */
  self?: Process;
  /** Whether a process is this one or an ancestor of it. */
  isAncestor: (pid: number) => boolean;
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

/**
 * Finds on whose behalf this call is made: the nearest ancestor that will outlive it.
 * `command` is portclaim's own, "acquire" say, by which its launchers are known.
 * Throws a RegistryError ("no-owner") where nobody but a process that lives for ever is left.
 */
export function resolveCaller(machine: Machine, command: string): Caller {
  const skipped: Ancestor[] = [];
  const self = machine.process(machine.pid);
  const owner = findOwner(machine, command, skipped) ?? lastResort(machine, skipped);
  const { process } = owner;
  const shell = outermostShell(skipped, process);
  const group = shell?.group ?? ownGroup(owner, self, command);
  const errand = skipped[skipped.length - 1]?.process;
  const throwaway =
    group !== process.group ||
    (errand?.pid === process.pid && !isStrangers(machine, group, skipped));
  return {
    owner: process,
    command: commandName(machine, process, owner.argv),
    // A group of another pid namespace shows as 0.
    ...(group > 0 && { group, throwaway }),
    ...(shell && { shell }),
    ...(errand && { carrier: errand }),
    ...(self && { self }),
    isAncestor: ancestorTest(machine),
  };
}

/** A process on the way up, with its arguments. */
interface Ancestor {
  process: Process;
  argv: readonly string[];
}

/** The nearest ancestor that is not transient; those before it are `skipped`. */
function findOwner(machine: Machine, command: string, skipped: Ancestor[]): Ancestor | undefined {
  for (let next = machine.parent; skipped.length < DEEPEST;) {
    const process = next > 1 ? machine.process(next) : undefined;
    if (process === undefined || isSupervisor(process)) return undefined;
    const argv = readWords(machine, process.pid);
    const parent = () => readWords(machine, process.parent);
    const below = skipped[skipped.length - 1]?.argv;
    if (!isWrapper({ process, argv, parent, below }, command)) return { process, argv };
    skipped.push({ process, argv });
    next = process.parent;
  }
  return undefined;
}

/** A shell that is its own last resort may still be in the group of whoever started it. */
function isStrangers(machine: Machine, group: number, skipped: readonly Ancestor[]): boolean {
  const leader = machine.process(group);
  return leader !== undefined && !skipped.some((seen) => seen.process.pid === leader.pid);
}

/** The outermost throwaway shell that is not the owner itself. */
function outermostShell(skipped: readonly Ancestor[], owner: Process): Process | undefined {
  let shell: Process | undefined;
  for (const { process, argv } of skipped) {
    if (process.pid !== owner.pid && isCommandShell(argv)) shell = process;
  }
  return shell;
}

/** All ancestors are looked up only if anybody asks for them, which is seldom. */
function ancestorTest(machine: Machine): (pid: number) => boolean {
  let line: readonly Process[] | undefined;
  return (pid) => {
    line ??= ancestors(machine, machine.parent);
    return pid === machine.pid || line.some((process) => process.pid === pid);
  };
}

/**
 * The process group to look for a server in where no throwaway shell is to be seen. `bash -c` becomes
 * a lone command, so a group of our own is that shell's; below a shell it is just a job's.
 */
function ownGroup({ process, argv }: Ancestor, self: Process | undefined, command: string): number {
  const lasts = command === "mcp-serve";
  if (lasts || isShell(argv)) return process.group;
  return self?.group ?? process.group;
}

function lastResort(machine: Machine, skipped: readonly Ancestor[]): Ancestor {
  const namespace = machine.identity().pidns;
  const contained = namespace !== null && namespace !== INITIAL_PID_NAMESPACE;
  const first = contained && machine.pid !== 1 ? machine.process(1) : undefined;
  if (first !== undefined) return { process: first, argv: readWords(machine, first.pid) };
  const owner = skipped[skipped.length - 1];
  if (owner !== undefined) return owner;
  throw new RegistryError(
    "Cannot tell whose claim this is: every process that asked ends with it",
    {
      code: "no-owner",
    },
  );
}

/** A caller whose claims end with one process, whoever it started: `--pid`, `run`. */
export function callerFor(machine: Machine, pid: number): Caller {
  const owner = machine.process(pid);
  if (owner === undefined || owner.ended) {
    const what = owner === undefined ? "there is no such process" : "it has ended";
    throw new RegistryError(`Cannot claim for process ${pid}: ${what}`, {
      code: "invalid",
      what: "pid",
    });
  }
  return {
    owner,
    command: commandName(machine, owner),
    named: true,
    isAncestor: ancestorTest(machine),
  };
}

/** The caller as a claim's `owner`. */
export function ownerRecord(machine: Machine, place: HostIdentity, caller: Caller): Owner {
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
    asked: machine.startClock(),
  };
}

/** Whether a claim is this caller's: the same process on the same machine, not just its pid. */
export function isOwn(claim: Claim, caller: Caller, place: HostIdentity): boolean {
  if (claim.pid !== caller.owner.pid) return false;
  const { owner } = claim;
  if (owner === undefined) return true;
  return (
    owner.start === String(caller.owner.start) &&
    owner.boot === place.boot &&
    owner.pidns === place.pidns
  );
}
