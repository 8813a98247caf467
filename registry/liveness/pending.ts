import type { Process } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { isBeingExecuted, isMarked } from "./mark.ts";
import type { ProcessTable } from "./process-table.ts";

/** Seconds for which a new claim by an interactive shell or script counts as about to be bound. */
const JUST_CLAIMED = 10;

/** Milliseconds for which programs that are being loaded are awaited: on a busy machine, ten or more. */
const LOADING = 50;

/** Determines whether a process may still be about to bind a claimed port. */
export class PendingBind {
  constructor(
    readonly processes: ProcessTable,
    readonly caller?: Caller,
  ) {}

  /** For a claim whose owner is alive. `age` in seconds. */
  isAwaited(claim: Claim, age: number): boolean {
    const { owner } = claim;
    if (owner === undefined) return age < JUST_CLAIMED;
    const ownGroup = this.processes.process(claim.pid)?.group;
    if (owner.throwaway && owner.group !== ownGroup) return this.groupLives(owner);
    if (age < JUST_CLAIMED) return true;
    if (this.shellLives(owner) && !this.isAncestor(owner.shell?.pid ?? 0)) return true;
    const mayBind = (process: Process) =>
      isLater(process, owner) && process.pid !== claim.pid && !this.isPartOfCall(process);
    return (
      (ownGroup !== undefined && this.processes.someInGroup(ownGroup, mayBind)) ||
      this.processes.someDescendant(claim.pid, mayBind)
    );
  }

  /** Whether a claim's server started a process within `grace` seconds, as a supervisor does. */
  isRestarting({ pid, owner }: Claim, grace: number): boolean {
    const isNew = (process: Process) =>
      process.pid !== pid && this.processes.machine.secondsSince(process.start) < grace;
    if (owner?.throwaway) {
      return this.hasMember(owner, (process) => isNew(process) && !this.isPartOfCall(process));
    }
    return owner?.serves === true && this.processes.someDescendant(pid, isNew);
  }

  /** For a claim whose owner exited: only the process group shows what the owner started. */
  mayStillBind({ owner }: Claim, age: number): boolean {
    // The owner was the server itself, or it has just started one as a daemon.
    if (owner?.serves) return age < JUST_CLAIMED && this.markedLives(owner);
    // A process group id is only meaningful in its own boot and pid namespace.
    if (owner?.group === undefined || !this.processes.sharesPids(owner)) return false;
    if (owner.throwaway) return this.groupLives(owner);
    if (age < JUST_CLAIMED || this.shellLives(owner)) return true;
    return this.hasMember(
      owner,
      (process) => isLater(process, owner) && !this.isAncestor(process.pid),
    );
  }

  /** Whether a process with the mark that `run` gave its command is left. */
  private markedLives(owner: Owner): boolean {
    const { processes } = this;
    if (owner.mark === undefined || !processes.sharesPids(owner)) return false;
    const isCandidate = (process: Process) =>
      isLater(process, owner) && !this.isAncestor(process.pid);
    const isMarkedOne = ({ pid }: Process) => isMarked(processes, pid, owner);
    if (processes.some((one) => isCandidate(one) && isMarkedOne(one))) return true;
    // A mark can't be read while the program is being loaded.
    const candidates = processes.all().filter(isCandidate);
    for (let i = 0; i < LOADING; i++) {
      const isLoading = candidates.some((one) => isBeingExecuted(processes, one));
      if (candidates.some(isMarkedOne)) return true;
      if (!isLoading) return false;
      Bun.sleepSync(1);
    }
    return false;
  }

  private groupLives(owner: Owner): boolean {
    return this.hasMember(owner, ({ pid }) => pid !== this.processes.machine.pid);
  }

  private hasMember(owner: Owner, test: (process: Process) => boolean): boolean {
    const { group = 0 } = owner;
    if (group <= 0 || !this.processes.machine.exists(-group)) return false;
    return this.processes.someInGroup(
      group,
      (process) => this.processes.isInGroup(process, owner) && test(process),
    );
  }

  /** Whether the throwaway shell that made the claim still runs. */
  private shellLives({ shell }: Owner): boolean {
    return shell !== undefined && this.processes.isRunning(shell.pid, shell.start);
  }

  private isAncestor(pid: number): boolean {
    return this.caller?.isAncestor(pid) ?? false;
  }

  /** Whether a process is part of the current call: `portclaim … | jq`. */
  private isPartOfCall(process: Process): boolean {
    if (this.isAncestor(process.pid)) return true;
    const { self, carrier, owner } = this.caller ?? {};
    if (self === undefined || process.start < self.start) return false;
    if (self.group !== owner?.group) {
      // The shell may have forked the rest of the pipeline and not yet put it into the group.
      const isHalfStarted = process.forked && process.parent === owner?.pid;
      if (isHalfStarted || process.group === self.group) return true;
    }
    return carrier !== undefined && this.processes.descendsFrom(process.pid, carrier.pid);
  }
}

function isLater(process: Process, { asked = 0 }: Owner): boolean {
  return process.start >= asked;
}
