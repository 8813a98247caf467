import { darwin } from "./darwin/machine.ts";
import { files } from "./files.ts";
import { linux } from "./linux/machine.ts";
import type { HostIdentity, Platform } from "./platform.ts";
import { monotonic, sleep, wallClock } from "./posix/clock.ts";
import { exists } from "./posix/exists.ts";
import { type Lock, tryLock } from "./posix/flock.ts";
import { probe } from "./posix/port.ts";
import { homeOfUser } from "./posix/user.ts";
import type { Files, Listener, Probe, Process } from "./types.ts";

export type { Files, HostIdentity, Listener, Lock, Probe, Process };

/** Everything that the registry asks of the operating system. Injected so that tests can fake it. */
export interface Machine extends Platform {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly files: Files;
  /** This user's home directory according to the user database. */
  userHome(): string | undefined;
  /** Microseconds since 1970. Only for display: the wall clock can be set. */
  wallClock(): number;
  /** Seconds since boot, not counting suspend. */
  monotonic(): number;
  /** Whether a process exists, or a process group for a negative pid. */
  exists(pid: number): boolean;
  /** Sends a signal. Throws an error whose code is ESRCH or EPERM. */
  signal(pid: number, name: "SIGTERM" | "SIGKILL"): void;
  probe(port: number): Probe;
  tryLock(path: string): Lock | undefined;
  /** Waits between retries. */
  pause(milliseconds: number): void | Promise<void>;
}

/** This machine. A server passes its own `pause`, which doesn't block its event loop. */
export function thisMachine(pause?: Machine["pause"]): Machine {
  const platform = process.platform === "darwin" ? darwin() : linux();
  return {
    ...platform,
    pid: process.pid,
    parent: process.ppid,
    uid: process.geteuid?.() ?? 0,
    files: files(),
    userHome: () => homeOfUser(process.geteuid?.() ?? 0),
    wallClock,
    monotonic,
    exists,
    signal: (pid, name) => process.kill(pid, name),
    probe,
    tryLock,
    lockWithin: pause === undefined ? platform.lockWithin : () => undefined,
    pause: pause ?? sleep,
  };
}
