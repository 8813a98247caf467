import { unless } from "../native/errno.ts";
import type { Process } from "../native/machine.ts";
import type { Snapshot } from "../registry/liveness/snapshot.ts";
import type { Caller } from "../registry/owner/caller.ts";
import type { Matching, Target, Test } from "./shell/model/consequences.ts";

/** Bytes of a process's name that the kernel keeps: TASK_COMM_LEN of proc_pid_comm(5), without the NUL. */
const MAX_NAME = 15;

/** Characters of a name that lsof(8) shows without +c. */
const LSOF_NAME = 9;

/** Finds the processes that a command would end, as the command itself would find them. */
export class ProcessFinder {
  private running: Process[] | undefined;
  private passwd: string[][] | undefined;

  constructor(
    readonly snapshot: Snapshot,
    readonly caller: Caller | undefined,
    /** The directory that the command runs in. */
    readonly cwd: string,
    /** Throws once there is no time left. */
    readonly checkTime: () => void,
  ) {}

  find(target: Target): Process[] {
    const { processes } = this.snapshot;
    switch (target.kind) {
      case "pid":
        return existing([processes.process(target.pid)]);
      case "group":
        return this.all().filter(({ group }) => group === target.group);
      case "port": {
        const { pids } = this.snapshot.listeners.pidsOn(target.port);
        const clients = target.clients ? this.clientsOf(target.port) : [];
        return existing([...new Set([...pids, ...clients])].map((pid) => processes.process(pid)));
      }
      case "match":
        return this.matching(target);
      case "user": {
        const uid = this.uidOf(target.user);
        return uid === undefined ? [] : this.all().filter((process) => this.isOf(process, uid));
      }
      case "all": {
        const { machine } = this.snapshot;
        return this.all().filter((process) => machine.uid === 0 || this.isOf(process, machine.uid));
      }
      case "directory": {
        const path = this.resolve(target.path);
        return this.all().filter(({ pid }) => processes.workingDirectory(pid) === path);
      }
      case "every": {
        const [first, ...others] = target.of.map((one) => this.find(one));
        return (first ?? []).filter(({ pid }) =>
          others.every((list) => list.some((process) => process.pid === pid)),
        );
      }
    }
  }

  /** The processes that are connected to a port, which lsof lists as well. */
  private clientsOf(port: number): number[] {
    const { machine } = this.snapshot;
    const inodes = new Set(machine.connections(port));
    if (inodes.size === 0) return [];
    this.checkTime();
    return [...machine.socketOwners(inodes, []).values()].flat();
  }

  /** All processes but those of this hook itself. */
  private all(): Process[] {
    this.running ??= this.snapshot.processes.all().filter(({ pid }) => !this.isHook(pid));
    return this.running;
  }

  private isHook(pid: number): boolean {
    const owner = this.caller?.owner.pid;
    if (owner === undefined || pid === owner || !this.caller?.isAncestor(pid)) return false;
    return this.snapshot.processes.descendsFrom(pid, owner);
  }

  private matching({ by, tests, user, parents, groups, only }: Matching): Process[] {
    const uid = user === undefined ? undefined : this.uidOf(user);
    if (user !== undefined && uid === undefined) return [];
    const found = this.all().filter(
      (process) =>
        (parents === undefined || parents.includes(process.parent)) &&
        (groups === undefined || groups.includes(process.group)) &&
        tests.every((test) => this.passes(process, by, test)) &&
        (uid === undefined || this.isOf(process, uid)),
    );
    if (only === undefined) return found;
    const byAge = found.toSorted((a, b) => a.start - b.start || a.pid - b.pid);
    return existing([only === "oldest" ? byAge[0] : byAge.at(-1)]);
  }

  private passes(process: Process, by: Matching["by"], { pattern, not = false }: Test): boolean {
    this.checkTime();
    return pattern.test(this.textOf(process, by)) !== not;
  }

  private textOf({ pid, name }: Process, by: Matching["by"]): string {
    if (by === "name") return name;
    if (by === "id") return String(pid);
    if (by === "id and name") return `${pid} ${name}`;
    // lsof cuts names.
    if (by === "id and short name") return `${pid} ${name.slice(0, LSOF_NAME)}`;
    if (by === "full name" && name.length < MAX_NAME) return name;
    const argv = this.snapshot.machine.commandLine(pid).filter((word, i) => i === 0 || word !== "");
    if (by === "arguments") return argv.join(" ") || name;
    const line = `${pid} ${argv.join(" ") || name}`;
    if (by === "id and arguments") return line;
    if (by === "user, id and arguments") return `${this.userNameOf(pid)} ${line}`;
    const [first = ""] = argv;
    // A program may have written a title over its arguments.
    return first.slice(first.lastIndexOf("/") + 1) || name;
  }

  private isOf({ pid }: Process, uid: number): boolean {
    return this.snapshot.machine.user(pid) === uid;
  }

  /** A user's number. */
  private uidOf(user: string): number | undefined {
    if (/^\d+$/.test(user)) return Number(user);
    const uid = this.users().find(([name]) => name === user)?.[2];
    return uid === undefined ? undefined : Number(uid);
  }

  private userNameOf(pid: number): string {
    const uid = String(this.snapshot.machine.user(pid));
    return this.users().find((user) => user[2] === uid)?.[0] ?? uid;
  }

  /** The lines of passwd(5). */
  private users(): string[][] {
    const { files } = this.snapshot.machine;
    this.passwd ??=
      unless(["ENOENT", "EACCES"], () => files.read("/etc/passwd", 1024 * 1024, true))
        ?.split("\n")
        .map((line) => line.split(":")) ?? [];
    return this.passwd;
  }

  private resolve(path: string): string {
    const absolute = path.startsWith("/") ? path : `${this.cwd}/${path}`;
    return absolute.replaceAll(/\/\.(?=\/|$)/g, "").replace(/\/+$/, "") || "/";
  }
}

const existing = (list: readonly (Process | undefined)[]): Process[] =>
  list.filter((process) => process !== undefined && !process.ended) as Process[];
