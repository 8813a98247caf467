import type { Lock } from "./posix/flock.ts";
import type { Listener, Process } from "./types.ts";

/** Where a process runs. Pids are only comparable if these match. */
export interface HostIdentity {
  host: string | null;
  boot: string | null;
  pidns: string | null;
  netns: string | null;
}

/** The part of {@link Machine} that differs between operating systems. */
export interface Platform {
  identity(): HostIdentity;
  /** The current time in the units of {@link Process.start}. */
  startClock(): number;
  /** Seconds since a process started, given its {@link Process.start}. */
  secondsSince(start: number): number;
  process(pid: number): Process | undefined;
  /** Every visible process. */
  allProcesses(): Process[];
  pids(): number[];
  commandLine(pid: number): string[];
  /** A process's initial environment, as NAME=value; empty if it can't be read. */
  environment(pid: number): string[];
  workingDirectory(pid: number): string | undefined;
  user(pid: number): number | undefined;
  namespace(kind: "pid" | "net", pid: number): string | null;
  /** Whether a process whose namespace is unreadable may be in one below ours. */
  isNested(pid: number): boolean;
  /** The ports that the kernel assigns to outgoing connections. */
  ephemeralPorts(): { first: number; last: number } | undefined;
  listeners(): Listener[];
  /** The processes that have these sockets open, by inode. Searches the pids in `first` first. */
  socketOwners(inodes: ReadonlySet<number>, first: readonly number[]): Map<number, number[]>;
  /** The name of the network file system that a path is on; `undefined` for a local one. */
  networkFileSystem(path: string): string | undefined;
  lockHolder(path: string): number | undefined;
  /**
   * Waits for the lock; "late" if it is still held after that many milliseconds. `undefined` where
   * waiting would block an event loop or isn't possible: the caller then polls.
   */
  lockWithin(path: string, milliseconds: number): Lock | "late" | undefined;
}
