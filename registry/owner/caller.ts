import { INITIAL_PID_NAMESPACE } from "../../native/linux/identity.ts";
import type { Machine, Process } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { ancestorTest, MAX_DEPTH } from "./ancestors.ts";
import { commandName, readWords } from "./command-name.ts";
import { isCommandShell, isShell, isSupervisor, isWrapper } from "./wrappers.ts";

/** The process on whose behalf a call is made. */
export interface Caller {
  /** The process that a claim of this call belongs to. */
  owner: Process;
  command: string;
  /** The owner was given by `--pid` or is this process (`run`), without a search. */
  named?: boolean;
  /** The owner will be the server itself: `run`. */
  serves?: boolean;
  /** The value that `run` adds to its command's environment to identify the server. */
  mark?: string;
  /** The process group of the throwaway shell that made the call, else the owner's. */
  group?: number;
  /** Whether everything in that group belongs to this call. */
  throwaway?: boolean;
  /** The outermost throwaway shell between the owner and this process. */
  shell?: Process;
  /** The outermost process that exists for this call alone. */
  carrier?: Process;
  /** This process. */
  self?: Process;
  /** Whether a process is this one or an ancestor of it. */
  isAncestor: (pid: number) => boolean;
}

/** An ancestor with its arguments. */
interface Ancestor {
  process: Process;
  argv: readonly string[];
}

/**
 * Finds the caller's owner: the nearest ancestor that will outlive this call. `command` is
 * portclaim's own ("acquire"), which identifies its launchers. Throws a RegistryError ("no-owner") if
 * only processes that never exit remain.
 */
export function resolveCaller(machine: Machine, command: string): Caller {
  const skipped: Ancestor[] = [];
  const self = machine.process(machine.pid);
  const owner = findOwner(machine, command, skipped) ?? lastResort(machine, skipped);
  const { process } = owner;
  const shell = outermostShell(skipped, process);
  const group = shell?.group ?? groupWithoutShell(owner, self, command);
  const carrier = skipped[skipped.length - 1]?.process;
  const throwaway =
    group !== process.group ||
    (carrier?.pid === process.pid && !isOfAnother(machine, group, skipped));
  return {
    owner: process,
    command: commandName(machine, process, owner.argv),
    // The kernel reports a group from another pid namespace as 0.
    ...(group > 0 && { group, throwaway }),
    ...(shell && { shell }),
    ...(carrier && { carrier }),
    ...(self && { self }),
    isAncestor: ancestorTest(machine),
  };
}

/** `undefined` for a call without an owner, which can still act on its directory's claims. */
export function tryResolveCaller(machine: Machine, command: string): Caller | undefined {
  try {
    return resolveCaller(machine, command);
  } catch (error) {
    if (error instanceof RegistryError && error.reason.code === "no-owner") return undefined;
    throw error;
  }
}

/**
 * A caller with a given owner: for `--pid`, `run` and the library. Throws a RegistryError ("invalid")
 * if there is no such process.
 */
export function callerFor(machine: Machine, pid: number): Caller {
  const owner = machine.process(pid);
  if (owner === undefined || owner.ended) {
    const what = owner === undefined ? "no such process" : "it has exited";
    throw new RegistryError(`cannot claim a port for process ${pid}: ${what}`, {
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

/** The nearest ancestor that isn't a wrapper. Adds the wrappers below it to `skipped`. */
function findOwner(machine: Machine, command: string, skipped: Ancestor[]): Ancestor | undefined {
  for (let next = machine.parent; skipped.length < MAX_DEPTH;) {
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

/** In a container, pid 1; else the outermost wrapper. */
function lastResort(machine: Machine, skipped: readonly Ancestor[]): Ancestor {
  const namespace = machine.identity().pidns;
  const contained = namespace !== null && namespace !== INITIAL_PID_NAMESPACE;
  const first = contained && machine.pid !== 1 ? machine.process(1) : undefined;
  if (first !== undefined) return { process: first, argv: readWords(machine, first.pid) };
  const owner = skipped[skipped.length - 1];
  if (owner !== undefined) return owner;
  throw new RegistryError("no ancestor of this call outlives it", {
    code: "no-owner",
  });
}

/** A shell used as the last resort may still be in the group of the process that started it. */
function isOfAnother(machine: Machine, group: number, skipped: readonly Ancestor[]): boolean {
  const leader = machine.process(group);
  if (leader === undefined || leader.ended) return false;
  return !skipped.some(({ process }) => process.pid === leader.pid);
}

/** The outermost throwaway shell that is not the owner itself. */
function outermostShell(skipped: readonly Ancestor[], owner: Process): Process | undefined {
  let shell: Process | undefined;
  for (const { process, argv } of skipped) {
    if (process.pid !== owner.pid && isCommandShell(argv)) shell = process;
  }
  return shell;
}

/**
 * The process group in which to look for a server if there is no throwaway shell. `bash -c` execs a
 * single command, so our group was that shell's; under an interactive shell it is the job's.
 */
function groupWithoutShell(
  { process, argv }: Ancestor,
  self: Process | undefined,
  command: string,
): number {
  if (command === "mcp-serve" || isShell(argv)) return process.group;
  return self?.group ?? process.group;
}
