import { INITIAL_PID_NAMESPACE } from "../../native/linux/identity.ts";
import type { HostIdentity, Machine, Process } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";

export type Liveness = "alive" | "dead" | "unknown";

/** Scan again, as a process that forks and exits during a scan can be missed along with its child. */
const SCANS = 3;

/** The processes found by one scan, by parent and by group. */
interface Scan {
  byParent: Map<number, Process[]>;
  byGroup: Map<number, Process[]>;
}

/** The processes that one operation has read. Reads none twice and scans all at most three times. */
export class ProcessTable {
  private readonly known = new Map<number, Process | undefined>();
  private readonly emptyNamespaces = new Map<string, boolean>();
  private readonly directories = new Map<number, string | undefined>();
  private readonly environments = new Map<number, readonly string[]>();
  private readonly scans: Scan[] = [];

  readonly identity: HostIdentity;

  constructor(readonly machine: Machine) {
    this.identity = machine.identity();
  }

  process(pid: number): Process | undefined {
    if (!this.known.has(pid)) this.known.set(pid, this.machine.process(pid));
    return this.known.get(pid);
  }

  workingDirectory(pid: number): string | undefined {
    if (!this.directories.has(pid)) this.directories.set(pid, this.machine.workingDirectory(pid));
    return this.directories.get(pid);
  }

  /** A variable in a process's initial environment. */
  variable(pid: number, name: string): string | undefined {
    const start = `${name}=`;
    return this.environment(pid)
      .find((one) => one.startsWith(start))
      ?.slice(start.length);
  }

  /** Whether any variable in a process's initial environment has this value. */
  hasValue(pid: number, value: string): boolean {
    return this.environment(pid).some((one) => one.endsWith(`=${value}`));
  }

  /** A process's initial environment. */
  variables(pid: number): Record<string, string> {
    const all = this.environment(pid).map((one): [string, string] => {
      const end = one.indexOf("=");
      return [one.slice(0, end), one.slice(end + 1)];
    });
    return Object.fromEntries(all);
  }

  private environment(pid: number): readonly string[] {
    let variables = this.environments.get(pid);
    if (variables === undefined) {
      variables = this.machine.environment(pid);
      // During execve(2) it reads as empty.
      if (variables.length > 0) this.environments.set(pid, variables);
    }
    return variables;
  }

  descendsFrom(pid: number, ancestor: number): boolean {
    const seen = new Set<number>();
    for (let next = pid; next > 0 && !seen.has(next); next = this.process(next)?.parent ?? 0) {
      if (next === ancestor) return true;
      seen.add(next);
    }
    return false;
  }

  /** Every running process that isn't hidden, as of the first scan. */
  all(): Process[] {
    return [...(this.scans[0] ??= this.scan()).byParent.values()].flat();
  }

  /** Whether a running process passes the test. */
  some(test: (process: Process) => boolean): boolean {
    return this.inAnyScan(({ byParent }) => [...byParent.values()].flat().some(test));
  }

  /** Whether a running process of the group passes the test. */
  someInGroup(group: number, test: (process: Process) => boolean): boolean {
    return this.inAnyScan(({ byGroup }) => byGroup.get(group)?.some(test) ?? false);
  }

  /** Whether a running descendant of the process passes the test. */
  someDescendant(pid: number, test: (process: Process) => boolean): boolean {
    return this.inAnyScan(({ byParent }) => {
      const seen = new Set([pid]);
      for (const parent of seen) {
        for (const child of byParent.get(parent) ?? []) {
          if (test(child)) return true;
          seen.add(child.pid);
        }
      }
      return false;
    });
  }

  /** The running descendants of a process. */
  descendants(pid: number): Process[] {
    const found = new Map<number, Process>();
    this.someDescendant(pid, (process) => {
      found.set(process.pid, process);
      return false;
    });
    return [...found.values()];
  }

  private inAnyScan(test: (scan: Scan) => boolean): boolean {
    for (let i = 0; i < SCANS; i++) if (test((this.scans[i] ??= this.scan()))) return true;
    return false;
  }

  private scan(): Scan {
    const scan: Scan = { byParent: new Map(), byGroup: new Map() };
    for (const process of this.machine.allProcesses()) {
      if (process.ended) continue;
      // Keep the first reading: an operation must not see one process in two states.
      if (!this.known.has(process.pid)) this.known.set(process.pid, process);
      add(scan.byParent, process.parent, process);
      add(scan.byGroup, process.group, process);
    }
    return scan;
  }

  /**
   * Whether a claim's owner is alive. "dead" needs proof: no such process, a zombie, another start
   * time or another boot. "unknown" means another host, pid namespace or network namespace.
   */
  liveness(claim: Claim): Liveness {
    const { owner } = claim;
    if (owner === undefined) return this.isRunning(claim.pid, null) ? "alive" : "dead";
    const { identity } = this;
    const sameHost = owner.host !== null && owner.host === identity.host;
    const known = owner.boot !== null && identity.boot !== null;
    if (known && owner.boot !== identity.boot) return sameHost ? "dead" : "unknown";
    if (!known && !sameHost) return "unknown";
    if (owner.pidns !== identity.pidns) return this.isGone("pid", owner.pidns) ? "dead" : "unknown";
    const runs = this.isRunning(claim.pid, owner.start);
    if (owner.netns === identity.netns) return runs ? "alive" : "dead";
    return !runs && this.isGone("net", owner.netns) ? "dead" : "unknown";
  }

  /** Whether a pid is a running process that started at `start`, or at any time. */
  isRunning(pid: number, start: string | null): boolean {
    const process = this.process(pid);
    // kill(pid, 0) also finds processes that /proc hides (hidepid).
    if (process === undefined) return this.machine.exists(pid);
    return !process.ended && (start === null || String(process.start) === start);
  }

  /** Whether the pids and groups in an owner record refer to the same processes here. */
  sharesPids({ boot, pidns }: Owner): boolean {
    return boot === this.identity.boot && pidns === this.identity.pidns;
  }

  /** Whether a process is in the group that made a claim, and not in a later group with the same id. */
  isInGroup({ group }: Process, owner: Owner): boolean {
    if (group !== owner.group || !this.sharesPids(owner)) return false;
    const leader = this.process(group);
    return leader === undefined || owner.asked === undefined || leader.start <= owner.asked;
  }

  /** Whether a namespace of this boot no longer exists. Only the initial pid namespace sees them all. */
  private isGone(kind: "pid" | "net", namespace: string | null): boolean {
    if (namespace === null || this.identity.pidns !== INITIAL_PID_NAMESPACE) return false;
    const key = `${kind}:${namespace}`;
    let gone = this.emptyNamespaces.get(key);
    if (gone === undefined) {
      gone = this.isNamespaceEmpty(kind, namespace);
      this.emptyNamespaces.set(key, gone);
    }
    return gone;
  }

  private isNamespaceEmpty(kind: "pid" | "net", namespace: string): boolean {
    // If /proc hides other users' processes (hidepid), one of them may be in the namespace.
    if (this.process(1) === undefined) return false;
    for (const pid of this.machine.pids()) {
      const found = this.machine.namespace(kind, pid);
      if (found !== null && found !== namespace) continue;
      if (this.machine.process(pid)?.ended ?? true) continue;
      if (found !== null || kind === "net" || this.machine.isNested(pid)) return false;
    }
    return true;
  }
}

function add(index: Map<number, Process[]>, key: number, process: Process): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [process]);
  else list.push(process);
}
