import type { Lock } from "./posix/flock.ts";
import type { Listener, Process } from "./types.ts";

/** Where a process runs: what two pids must share before they can be compared. */
export interface HostIdentity {
  host: string | null;
  boot: string | null;
  pidns: string | null;
  netns: string | null;
}

/** What each operating system does in its own way. */
export interface Platform {
  identity(): HostIdentity;
  /** Seconds of this boot, not counting suspend. */
  monotonic(): number;
  /** Now, in the units of {@link Process.start}. */
  startClock(): number;
  /** Seconds since a process started, given its {@link Process.start}. */
  secondsSince(start: number): number;
  process(pid: number): Process | undefined;
  /** Every process that may be seen, read at once. */
  allProcesses(): Process[];
  pids(): number[];
  commandLine(pid: number): string[];
  /** The environment that a process started with, as NAME=value; empty where it may not be read. */
  environment(pid: number): string[];
  workingDirectory(pid: number): string | undefined;
  user(pid: number): number | undefined;
  namespace(kind: "pid" | "net", pid: number): string | null;
  /** Whether a process that hides its namespace may live in one below ours. */
  isNested(pid: number): boolean;
  /** The ports that the kernel gives to outgoing connections. */
  ephemeralPorts(): { first: number; last: number } | undefined;
  listeners(): Listener[];
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
   * Waits for the lock for so many milliseconds: "late" if that was not enough. `undefined` where a
   * wait would stop an event loop, or isn't possible: then tries and pauses take turns.
   */
  lockWithin(path: string, milliseconds: number): Lock | "late" | undefined;
}
