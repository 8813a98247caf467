import { darwin } from "./darwin/machine.ts";
import { files } from "./files.ts";
import { linux } from "./linux/machine.ts";
import type { HostIdentity, Platform } from "./platform.ts";
import { sleep, wallClock } from "./posix/clock.ts";
import { exists } from "./posix/exists.ts";
import { type Lock, tryLock } from "./posix/flock.ts";
import { probe } from "./posix/port.ts";
import { homeOfUser } from "./posix/user.ts";
import { isDarwin } from "./system.ts";
import type { Files, Listener, Probe, Process } from "./types.ts";

export type { Files, HostIdentity, Listener, Lock, Probe, Process };

/** Everything that the registry asks of the operating system, passed in so that a test can fake it. */
export interface Machine extends Platform {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly gid: number;
  readonly files: Files;
  /** This user's home directory in the user database. */
  userHome(): string | undefined;
  /** Microseconds since 1970: for people, never for a decision. */
  wallClock(): number;
  /** Whether there is a process with this pid or, for a negative pid, in this process group. */
  exists(pid: number): boolean;
  /** Sends a signal. Throws an error with the code ESRCH or EPERM. */
  signal(pid: number, name: "SIGTERM" | "SIGKILL" | "SIGCONT"): void;
  probe(port: number): Probe;
  tryLock(path: string): Lock | undefined;
  /** Waits between two attempts. */
  pause(milliseconds: number): void | Promise<void>;
}

/** This machine. A server passes its own `pause`, which doesn't block its event loop. */
export function thisMachine(pause?: Machine["pause"]): Machine {
  const platform = isDarwin ? darwin() : linux();
  return {
    ...platform,
    pid: process.pid,
    parent: process.ppid,
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    files: files(),
    userHome: () => homeOfUser(process.geteuid?.() ?? 0),
    wallClock,
    exists,
    signal: (pid, name) => process.kill(pid, name),
    probe,
    tryLock,
    lockWithin: pause === undefined ? platform.lockWithin : () => undefined,
    pause: pause ?? sleep,
  };
}
