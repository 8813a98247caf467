import type { Process } from "../../native/machine.ts";
import { findCheckout } from "../config/checkout.ts";
import type { Claim, Owner } from "../model/claim.ts";
import { commandName, readWords } from "../owner/command-name.ts";
import { isSessionHost } from "../owner/session-host.ts";
import { isForwarder } from "./forwarder.ts";
import { isMarked } from "./mark.ts";
import type { ProcessTable } from "./process-table.ts";

/** Whether a process belongs to a claim. */
export type Coverage = "covered" | "forwarder" | "foreign";

/** Determines which processes belong to which claims. Create one per operation. */
export class CoverageTable {
  private readonly known = new Map<string, Coverage>();

  constructor(
    readonly processes: ProcessTable,
    /** Directories that many projects share: $HOME, / and the temporary ones. */
    readonly shared: ReadonlySet<string>,
  ) {}

  of(claim: Claim, process: Process): Coverage {
    const key = `${claim.port}:${claim.pid}:${process.pid}`;
    let coverage = this.known.get(key);
    if (coverage === undefined) {
      coverage = this.find(claim, process);
      this.known.set(key, coverage);
    }
    return coverage;
  }

  covers(claim: Claim, process: Process): boolean {
    return this.of(claim, process) === "covered";
  }

  /** Runs the cheapest test first. Reads a process's environment only as a last resort. */
  private find(claim: Claim, process: Process): Coverage {
    const { processes } = this;
    const argv = readWords(processes.machine, process.pid);
    if (isForwarder(process, argv)) return "forwarder";
    const covered =
      this.isOwner(claim, process) ||
      this.descendsFromOwner(claim, process) ||
      this.isInGroup(claim, process) ||
      this.worksInDirectory(claim, process) ||
      this.carriesMarkOrSession(claim, process);
    return covered ? "covered" : "foreign";
  }

  /** Whether a process is the owner itself. It counts even if it started before the claim. */
  private isOwner({ pid, owner }: Claim, process: Process): boolean {
    return process.pid === pid && (!owner?.start || owner.start === String(process.start));
  }

  private descendsFromOwner(claim: Claim, { pid }: Process): boolean {
    return (
      this.processes.liveness(claim) === "alive" && this.processes.descendsFrom(pid, claim.pid)
    );
  }

  private isInGroup({ owner }: Claim, process: Process): boolean {
    return owner !== undefined && this.processes.isInGroup(process, owner);
  }

  /** Whether it works in the claim's directory, and in its checkout: agents create worktrees inside others. */
  private worksInDirectory({ cwd, root }: Claim, { pid }: Process): boolean {
    if (cwd === undefined || this.shared.has(cwd)) return false;
    const directory = this.processes.workingDirectory(pid);
    if (directory === undefined || !isWithin(directory, cwd)) return false;
    if (root === undefined || directory === cwd) return true;
    return findCheckout(this.processes.machine, directory, this.shared)?.root === root;
  }

  private carriesMarkOrSession({ pid, owner }: Claim, process: Process): boolean {
    if (owner?.mark === undefined && owner?.session === undefined) return false;
    if (!this.processes.sharesPids(owner) || !this.carries(owner, process.pid)) return false;
    return !this.isBelowHost(process, pid);
  }

  private carries(owner: Owner, pid: number): boolean {
    const { processes } = this;
    if (isMarked(processes, pid, owner)) return true;
    return owner.session !== undefined && processes.hasValue(pid, owner.session);
  }

  /**
   * Whether a process has an ancestor that is a shell, terminal, editor or agent outside the owner's
   * tree. Those pass their own environment to everything that they start.
   */
  isBelowHost(process: Process, owner: number): boolean {
    const { processes } = this;
    for (let at = processes.process(process.parent); at !== undefined && at.pid > 1;) {
      if (at.pid === owner) return false;
      const argv = readWords(processes.machine, at.pid);
      const isHost = isSessionHost(at, argv, commandName(processes.machine, at, argv));
      if (isHost) return !processes.descendsFrom(at.pid, owner);
      at = processes.process(at.parent);
    }
    return false;
  }
}

/** Whether a path is a directory or inside it. */
export function isWithin(path: string, directory: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`)
  );
}

/** Whether an absolute path is one of these directories or inside one. */
export function isWithinAny(path: string, directories: ReadonlySet<string | undefined>): boolean {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    if (directories.has(at)) return true;
  }
  return directories.has("/");
}
