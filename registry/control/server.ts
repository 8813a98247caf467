import type { Process } from "../../native/machine.ts";
import { isForwarder } from "../liveness/forwarder.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { ancestors } from "../owner/ancestors.ts";
import { commandName, readWords } from "../owner/command-name.ts";
import { isSessionHost } from "../owner/session-host.ts";
import { isCommandShell } from "../owner/wrappers.ts";
import type { ClaimTable } from "../store/claims.ts";
import type { Server } from "./end-server.ts";

/** Why a process must not be stopped. */
export type Protection =
  | "process 1"
  | "the process that this command runs in"
  | "a shell, terminal, editor or agent"
  | "a container's port forwarder";

const isThrowaway = ({ machine }: Snapshot, { pid }: Process) =>
  isCommandShell(readWords(machine, pid));

/** Decides which processes make up a server, and which of them may be stopped. */
export class ServerFinder {
  private readonly own: ReadonlySet<number>;

  constructor(
    readonly snapshot: Snapshot,
    readonly table: ClaimTable,
  ) {
    const { machine } = snapshot;
    const above = ancestors(machine, machine.parent).map(({ pid }) => pid);
    this.own = new Set([machine.pid, ...above]);
  }

  protection(process: Process): Protection | undefined {
    const { machine } = this.snapshot;
    if (this.own.has(process.pid)) return "the process that this command runs in";
    if (process.pid === 1) return "process 1";
    const argv = readWords(machine, process.pid);
    if (isForwarder(process, argv)) return "a container's port forwarder";
    const command = commandName(machine, process, argv);
    return isSessionHost(process, argv, command) ? "a shell, terminal, editor or agent" : undefined;
  }

  /**
   * The topmost process of a listener's server: the claim's own process if it is the server; else the
   * topmost ancestor below the owner and its throwaway shell. If the listener doesn't descend from the
   * owner, stays within its process group. Never returns an ancestor that is protected or that another
   * claim's server descends from.
   */
  top(claim: Claim | null, listener: Process): Process {
    const { processes } = this.snapshot;
    let top = listener;
    for (;;) {
      if (claim?.owner?.serves && top.pid === claim.pid) return top;
      const parent = processes.process(top.parent);
      if (parent === undefined || !this.mayClimb(claim, listener, top, parent)) return top;
      top = parent;
    }
  }

  /** The claim's own process, if it is the server, and no other claim's server descends from it. */
  ownServer(claim: Claim): Server[] {
    const { machine, processes } = this.snapshot;
    const { pid, port, owner } = claim;
    if (!owner?.serves || processes.liveness(claim) !== "alive") return [];
    const top = processes.process(pid);
    if (top === undefined || this.protection(top) || this.servesAnother(top, port)) return [];
    // A supervisor that exits at once can't pass the signal on to what is about to listen.
    const listeners = this.startedBy(top, port);
    return [{ top, listeners, others: [], port, command: commandName(machine, top) }];
  }

  /** The descendants of a server's topmost process, but what is protected or serves another claim. */
  startedBy(top: Process, port: number): Process[] {
    const below = this.snapshot.processes.descendants(top.pid);
    return below.filter((one) => !this.protection(one) && !this.servesAnother(one, port));
  }

  private mayClimb(claim: Claim | null, listener: Process, top: Process, parent: Process): boolean {
    const { processes } = this.snapshot;
    if (parent.pid <= 1 || this.protection(parent) !== undefined) return false;
    const isBelowOwner = claim !== null && processes.descendsFrom(listener.pid, claim.pid);
    if (isBelowOwner && !claim.owner?.serves) {
      if (parent.pid === claim.pid) return false;
      // This is the throwaway shell in which an agent ran the command.
      if (parent.parent === claim.pid && isThrowaway(this.snapshot, parent)) return false;
    }
    if (!isBelowOwner && parent.group !== top.group) return false;
    return !this.servesAnother(parent, claim?.port);
  }

  /** Whether a listener that belongs to another claim descends from a process. */
  private servesAnother({ pid }: Process, port: number | undefined): boolean {
    const { listeners, processes } = this.snapshot;
    for (const [other, { claim }] of this.table.claims) {
      if (other === port || !listeners.isBound(other)) continue;
      const isServer = (one: number) =>
        processes.descendsFrom(one, pid) && !this.snapshot.isForeign(claim, one);
      if (listeners.pidsOn(other).pids.some(isServer)) return true;
    }
    return false;
  }
}
