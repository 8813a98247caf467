import type { Process } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import type { ProcessTable } from "./process-table.ts";

/** How long a claim of an interactive shell or a script counts as awaited in any case. */
const JUST_CLAIMED = 10;

/** A process may fork and end while we look, and so be missed with its child: look again. */
const LOOKS = 3;

/** Finds out whether somebody may still be about to bind the port of a claim. */
export class PendingBind {
  constructor(
    readonly processes: ProcessTable,
    readonly caller?: Caller,
  ) {}

  /** Of a claim whose owner lives; `age` in seconds. */
  isAwaited(claim: Claim, age: number): boolean {
    const { owner } = claim;
    if (owner === undefined) return age < JUST_CLAIMED;
    const ownGroup = this.processes.process(claim.pid)?.group;
    if (owner.throwaway && owner.group !== ownGroup) return this.groupLives(owner);
    if (age < JUST_CLAIMED) return true;
    if (this.processes.shellLives(owner) && !this.isLineage(owner.shell?.pid ?? 0)) return true;
    return this.sees(
      (process) =>
        isLater(process, owner) &&
        process.pid !== claim.pid &&
        !this.isPartOfCall(process) &&
        (process.group === ownGroup || this.processes.descendsFrom(process.pid, claim.pid)),
    );
  }

  /** Whether what serves a claim started a process within the grace, as a supervisor does. */
  isRestarting({ pid, owner }: Claim, grace: number): boolean {
    const isNew = (process: Process) =>
      process.pid !== pid && this.processes.machine.secondsSince(process.start) < grace;
    if (owner?.throwaway) {
      return this.hasMember(owner, (process) => isNew(process) && !this.isPartOfCall(process));
    }
    if (!owner?.serves) return false;
    return this.sees((process) => isNew(process) && this.processes.descendsFrom(process.pid, pid));
  }

  /** Of one whose owner ended: what it started is known by its process group alone. */
  mayStillBind({ owner }: Claim, age: number): boolean {
    // A group is a number that means something in its own boot and pid namespace only.
    if (owner?.group === undefined || !this.processes.sharesPids(owner)) return false;
    if (owner.throwaway) return this.groupLives(owner);
    if (age < JUST_CLAIMED || this.processes.shellLives(owner)) return true;
    return this.hasMember(
      owner,
      (process) => isLater(process, owner) && !this.isLineage(process.pid),
    );
  }

  private groupLives(owner: Owner): boolean {
    return this.hasMember(owner, ({ pid }) => pid !== this.processes.machine.pid);
  }

  private hasMember(owner: Owner, isMeant: (process: Process) => boolean): boolean {
    const { group = 0 } = owner;
    if (group <= 0 || !this.processes.machine.exists(-group)) return false;
    return this.sees((process) => this.processes.isInGroup(process, owner) && isMeant(process));
  }

  private sees(isMeant: (process: Process) => boolean): boolean {
    for (let look = 0; look < LOOKS; look++) {
      if (this.processes.listProcesses().some(isMeant)) return true;
    }
    return false;
  }

  private isLineage(pid: number): boolean {
    return this.caller?.isAncestor(pid) ?? false;
  }

  /** Whether a process is part of the very call that asks now: `portclaim … | jq`. */
  private isPartOfCall(process: Process): boolean {
    if (this.isLineage(process.pid)) return true;
    const { self, carrier: errand, owner } = this.caller ?? {};
    if (self === undefined || process.start < self.start) return false;
    if (process.group === self.group && self.group !== owner?.group) return true;
    return errand !== undefined && this.processes.descendsFrom(process.pid, errand.pid);
  }
}

function isLater(process: Process, { asked = 0 }: Owner): boolean {
  return process.start >= asked;
}
