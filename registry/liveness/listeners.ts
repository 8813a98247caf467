import type { Listener } from "../../native/machine.ts";
import type { ListenerView } from "../model/claim.ts";
import { commandName } from "../owner/command-name.ts";
import type { ProcessTable } from "./process-table.ts";

/** The listening sockets, read from the kernel once for a whole operation, when first asked for. */
export class ListenerTable {
  private table: Map<number, Listener[]> | undefined;
  private readonly pids = new Map<number, number[]>();

  constructor(readonly processes: ProcessTable) {}

  byPort(): ReadonlyMap<number, readonly Listener[]> {
    if (this.table !== undefined) return this.table;
    this.table = new Map();
    for (const listener of this.processes.machine.listeners()) {
      const others = this.table.get(listener.port);
      if (others === undefined) this.table.set(listener.port, [listener]);
      else others.push(listener);
    }
    return this.table;
  }

  isBound(port: number): boolean {
    return this.byPort().has(port);
  }

  /**
   * Finds the processes that listen on these ports in one search: among the `likely` pids first, then among
   * all others, or only the candidates if `isCandidate` is given. The rest stay unknown.
   */
  search(
    ports: Iterable<number>,
    likely: readonly number[],
    isCandidate?: (pid: number) => boolean,
  ): void {
    const missing = new Set<number>();
    for (const port of ports) {
      for (const { inode } of this.byPort().get(port) ?? []) {
        if (inode > 0 && !this.pids.has(inode)) missing.add(inode);
      }
    }
    if (missing.size === 0) return;
    const found = this.processes.machine.socketOwners(missing, likely, isCandidate);
    for (const inode of isCandidate ? found.keys() : missing) {
      this.pids.set(inode, found.get(inode) ?? []);
    }
  }

  /** The processes on a port that were found so far. */
  foundOn(port: number): number[] {
    return (this.byPort().get(port) ?? []).flatMap((socket) => this.pidsOf(socket));
  }

  /** The processes that listen on a port, and whether the process of any socket stays hidden. */
  pidsOn(port: number, likely: readonly number[] = []): { pids: number[]; hidden: boolean } {
    this.search([port], likely);
    const held = (this.byPort().get(port) ?? []).map((socket) => this.pidsOf(socket));
    return { pids: [...new Set(held.flat())], hidden: held.some((pids) => pids.length === 0) };
  }

  /** The processes of a socket that was searched for. */
  private pidsOf({ pid, inode }: Listener): number[] {
    return pid === undefined ? (this.pids.get(inode) ?? []) : [pid];
  }

  /** The listeners of a port for display: one per process, or a single one if all of them are hidden. */
  views(port: number): ListenerView[] {
    const { machine } = this.processes;
    const sockets = this.byPort().get(port) ?? [];
    const { pids } = this.pidsOn(port);
    const uid = sockets[0]?.uid ?? null;
    const addresses = addressesOf(sockets);
    const hidden: ListenerView = { pid: null, command: null, cwd: null, age: null, addresses, uid };
    if (pids.length === 0) return sockets.length > 0 ? [hidden] : [];
    return pids.map((pid) => {
      const process = this.processes.process(pid);
      return {
        pid,
        command: process ? commandName(machine, process) : null,
        cwd: this.processes.workingDirectory(pid) ?? null,
        age: process ? machine.secondsSince(process.start) : null,
        addresses: addressesOf(sockets.filter((socket) => this.pidsOf(socket).includes(pid))),
        uid: machine.user(pid) ?? uid,
        ...(process?.suspended && { suspended: true as const }),
      };
    });
  }
}

const addressesOf = (sockets: readonly Listener[]): string[] =>
  [...new Set(sockets.map(({ address }) => address))].toSorted();
