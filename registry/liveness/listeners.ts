import type { Listener } from "../../native/machine.ts";
import type { ListenerView } from "../model/claim.ts";
import { commandName } from "../owner/command-name.ts";
import type { ProcessTable } from "./process-table.ts";

/** The listening sockets. Read from the kernel on first use, once per operation. */
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

  /** Finds the processes that listen on these ports in one search, trying the `likely` pids first. */
  search(ports: Iterable<number>, likely: readonly number[]): void {
    const sockets = Array.from(ports, (port) => this.byPort().get(port) ?? []).flat();
    const inodes = sockets.map(({ inode }) => inode).filter((inode) => inode > 0);
    const missing = new Set(inodes.filter((inode) => !this.pids.has(inode)));
    if (missing.size === 0) return;
    const found = this.processes.machine.socketOwners(missing, likely);
    for (const inode of missing) this.pids.set(inode, found.get(inode) ?? []);
  }

  /** The processes that listen on a port. `hidden` if a socket's process can't be found. */
  pidsOn(port: number, likely: readonly number[] = []): { pids: number[]; hidden: boolean } {
    this.search([port], likely);
    const held = (this.byPort().get(port) ?? []).map((socket) => this.pidsOf(socket));
    return { pids: [...new Set(held.flat())], hidden: held.some((pids) => pids.length === 0) };
  }

  /** The processes that have a socket open, once {@link search} has run. */
  private pidsOf({ pid, inode }: Listener): number[] {
    return pid === undefined ? (this.pids.get(inode) ?? []) : [pid];
  }

  /** The listeners on a port for display: one per process, or one if the process is hidden. */
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
