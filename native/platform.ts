import type { Lock } from "./posix/flock.ts";
import type { Listener, Process } from "./types.ts";

/** Where a process runs. Two pids can be compared only if all of this is equal. */
export interface HostIdentity {
  host: string | null;
  boot: string | null;
  pidns: string | null;
  netns: string | null;
}

/** What is specific to each operating system. */
export interface Platform {
  identity(): HostIdentity;
  /** Seconds of this boot, not counting suspend. */
  monotonic(): number;
  /** Now, in the unit of {@link Process.start}. */
  startClock(): number;
  /** Seconds since a process started, by its {@link Process.start}. */
  secondsSince(start: number): number;
  process(pid: number): Process | undefined;
  /** Every process that isn't hidden, read at once. */
  allProcesses(): Process[];
  pids(): number[];
  commandLine(pid: number): string[];
  /** The environment that a process started with, as NAME=value; empty where it may not be read. */
  environment(pid: number): string[];
  workingDirectory(pid: number): string | undefined;
  user(pid: number): number | undefined;
  namespace(kind: "pid" | "net", pid: number): string | null;
  /** Whether a process whose namespace may not be read may be in one below ours. */
  isNested(pid: number): boolean;
  /** The ports that the kernel gives to outgoing connections. */
  ephemeralPorts(): { first: number; last: number } | undefined;
  listeners(): Listener[];
  /** The inodes of the sockets that are connected to a TCP port or from it; none where they are unknown. */
  connections(port: number): number[];
  /**
   * The processes that have these sockets open, by inode. Looks at `first` before all others, or all
   * others that are candidates.
   */
  socketOwners(
    inodes: ReadonlySet<number>,
    first: readonly number[],
    isCandidate?: (pid: number) => boolean,
  ): Map<number, number[]>;
  /** The network file system that a path is on; `undefined` for a local one. */
  networkFileSystem(path: string): string | undefined;
  lockHolder(path: string): number | undefined;
  /**
   * Waits for a lock for so many milliseconds; "late" if it is still held. `undefined` where waiting is
   * impossible or would block an event loop: then alternate tryLock and pause.
   */
  lockWithin(path: string, milliseconds: number): Lock | "late" | undefined;
}
