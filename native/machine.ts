import { monotonic, secondsSince, sleep, startClock, wallClock } from "./clock.ts";
import { files } from "./files.ts";
import { networkFileSystem } from "./filesystem.ts";
import { type Lock, lockHolder, lockWithin, tryLock } from "./flock.ts";
import { isNested, readBoot, readHost, readNamespace } from "./identity.ts";
import { socketOwners, listListeners } from "./listeners.ts";
import { probe, readEphemeralPorts } from "./port.ts";
import * as processes from "./process.ts";
import type { Files, Listener, Probe, Process } from "./types.ts";
import { homeOfUser } from "./user.ts";

export type { Files, Listener, Lock, Probe, Process };

/** Where a process runs: what two pids must share before they can be compared. */
export interface HostIdentity {
  host: string | null;
  boot: string | null;
  pidns: string | null;
  netns: string | null;
}

/** All that the registry asks of the operating system, handed in so that a test can play it. */
export interface Machine {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly files: Files;
  /** The home directory that the user database has for this user. */
  userHome(): string | undefined;
  identity(): HostIdentity;
  /** Microseconds since 1970: for people, never for a decision. */
  wallClock(): number;
  /** Seconds that this boot was awake. */
  monotonic(): number;
  /** Now, on the scale of {@link Process.start}. */
  startClock(): number;
  /** Seconds since a process started, given its {@link Process.start}. */
  secondsSince(start: number): number;
  process(pid: number): Process | undefined;
  commandLine(pid: number): string[];
  workingDirectory(pid: number): string | undefined;
  /** The environment that a process started with, as NAME=value; empty where it may not be read. */
  environment(pid: number): string[];
  user(pid: number): number | undefined;
  pids(): number[];
  exists(pid: number): boolean;
  namespace(kind: "pid" | "net", pid: number): string | null;
  /** Whether a process that hides its namespace may live in one below ours. */
  isNested(pid: number): boolean;
  /** Sends a signal. Throws an error whose code is ESRCH or EPERM. */
  signal(pid: number, name: "SIGTERM" | "SIGKILL"): void;
  /** The ports that the kernel gives to outgoing connections. */
  ephemeralPorts(): { first: number; last: number } | undefined;
  listeners(): Listener[];
  socketOwners(inodes: ReadonlySet<number>, first: readonly number[]): Map<number, number[]>;
  probe(port: number): Probe;
  networkFileSystem(path: string): string | undefined;
  tryLock(path: string): Lock | undefined;
  lockHolder(path: string): number | undefined;
  /**
   * Waits for the lock for so many milliseconds: "late" if that was not enough. `undefined` where a
   * wait would stop an event loop, or isn't to be had: then tries and pauses take turns.
   */
  lockWithin(path: string, milliseconds: number): Lock | "late" | undefined;
  /** Waits between two tries. */
  pause(milliseconds: number): void | Promise<void>;
}

let here: HostIdentity | undefined;

function readIdentity(): HostIdentity {
  return {
    host: readHost(),
    boot: readBoot(),
    pidns: readNamespace("pid", "self"),
    netns: readNamespace("net", "self"),
  };
}

/** This machine. A server passes its own `pause`, which doesn't stop its event loop. */
export function thisMachine(pause?: Machine["pause"]): Machine {
  return {
    pid: process.pid,
    parent: process.ppid,
    uid: process.geteuid?.() ?? 0,
    files: files(),
    userHome: () => homeOfUser(process.geteuid?.() ?? 0),
    identity: () => (here ??= readIdentity()),
    wallClock,
    monotonic,
    startClock: startClock,
    secondsSince,
    process: processes.readProcess,
    commandLine: processes.readCommandLine,
    workingDirectory: processes.readWorkingDirectory,
    environment: processes.readEnvironment,
    user: processes.readUser,
    pids: processes.allProcesses,
    exists: processes.exists,
    namespace: readNamespace,
    isNested,
    signal: (pid, name) => process.kill(pid, name),
    ephemeralPorts: readEphemeralPorts,
    listeners: listListeners,
    socketOwners: socketOwners,
    probe,
    networkFileSystem,
    tryLock,
    lockHolder,
    lockWithin: pause === undefined ? lockWithin : () => undefined,
    pause: pause ?? sleep,
  };
}
