import { INITIAL_PID_NAMESPACE } from "../../native/identity.ts";
import type { Machine, HostIdentity, Process } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";

export type Liveness = "alive" | "dead" | "unknown";

/** Looks at the machine once for a whole operation: no process is read twice. */
export class ProcessTable {
  private readonly processes = new Map<number, Process | undefined>();
  private readonly namespaces = new Map<string, boolean>();

  constructor(
    readonly machine: Machine,
    readonly identity: HostIdentity = machine.identity(),
  ) {}

  process(pid: number): Process | undefined {
    if (!this.processes.has(pid)) this.processes.set(pid, this.machine.process(pid));
    return this.processes.get(pid);
  }

  /** Every process that runs and may be seen, looked up anew. */
  listProcesses(): Process[] {
    const found = this.machine.pids().map((pid) => this.machine.process(pid));
    for (const process of found) {
      // What was found before stays so: a whole operation judges by one look.
      if (process && !this.processes.has(process.pid)) this.processes.set(process.pid, process);
    }
    return found.filter((process) => process !== undefined && !process.ended) as Process[];
  }

  descendsFrom(pid: number, ancestor: number): boolean {
    const seen = new Set<number>();
    for (let next = pid; next > 0 && !seen.has(next); next = this.process(next)?.parent ?? 0) {
      if (next === ancestor) return true;
      seen.add(next);
    }
    return false;
  }

  /**
   * Whether the owner of a claim lives. Only proof says "dead": no such process, a zombie, another
   * start, another boot. "unknown" is another host, pid namespace or network namespace.
   */
  liveness(claim: Claim): Liveness {
    const { owner } = claim;
    if (owner === undefined) return this.pidLives(claim.pid, null) ? "alive" : "dead";
    const { identity: place } = this;
    const sameHost = owner.host !== null && owner.host === place.host;
    const known = owner.boot !== null && place.boot !== null;
    if (known && owner.boot !== place.boot) return sameHost ? "dead" : "unknown";
    if (!known && !sameHost) return "unknown";
    if (owner.pidns !== place.pidns) return this.ended("pid", owner.pidns) ? "dead" : "unknown";
    const lives = this.pidLives(claim.pid, owner.start);
    if (owner.netns === place.netns) return lives ? "alive" : "dead";
    return !lives && this.ended("net", owner.netns) ? "dead" : "unknown";
  }

  private pidLives(pid: number, start: string | null): boolean {
    const process = this.process(pid);
    // A process that hides (hidepid) is told from none by kill(pid, 0).
    if (process === undefined) return this.machine.exists(pid);
    return !process.ended && (start === null || String(process.start) === start);
  }

  /** Whether an owner's numbers of processes and groups are of this boot and namespace. */
  sharesPids({ boot, pidns }: Owner): boolean {
    return boot === this.identity.boot && pidns === this.identity.pidns;
  }

  /** Whether a process is in the group that a claim was made from, not in a later one of its number. */
  isInGroup({ group }: Process, owner: Owner): boolean {
    if (group !== owner.group || !this.sharesPids(owner)) return false;
    const leader = this.process(group);
    return leader === undefined || owner.asked === undefined || leader.start <= owner.asked;
  }

  /** Whether the shell that asked for a claim still runs. */
  shellLives(owner: Owner): boolean {
    return owner.shell !== undefined && this.pidLives(owner.shell.pid, owner.shell.start);
  }

  /** Whether a namespace of this boot is gone; only the initial pid namespace sees them all. */
  private ended(kind: "pid" | "net", namespace: string | null): boolean {
    if (namespace === null || this.identity.pidns !== INITIAL_PID_NAMESPACE) return false;
    const key = `${kind}:${namespace}`;
    let ended = this.namespaces.get(key);
    if (ended === undefined) {
      ended = this.isNamespaceEmpty(kind, namespace);
      this.namespaces.set(key, ended);
    }
    return ended;
  }

  private isNamespaceEmpty(kind: "pid" | "net", namespace: string): boolean {
    // Where /proc hides other users' processes, nobody can be counted out.
    if (this.process(1) === undefined) return false;
    for (const pid of this.machine.pids()) {
      const found = this.machine.namespace(kind, pid);
      if (found !== null && found !== namespace) continue;
      // A zombie is in there still, but nobody is at home.
      if (this.machine.process(pid)?.ended ?? true) continue;
      if (found !== null || kind === "net" || this.machine.isNested(pid)) return false;
    }
    return true;
  }
}
