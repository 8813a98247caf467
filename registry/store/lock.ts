import type { Lock, Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { RegistryError } from "../errors/errors.ts";
import { parseDuration } from "../values/duration.ts";

/** How to wait for the registry's lock. */
export interface LockOptions {
  /** Seconds until giving up. */
  timeout: number;
  /** Called once, after half a second of waiting, with the pid that holds the lock if known. */
  onWait?: (holder: number | undefined) => void;
}

/** Seconds. */
const LOCK_TIMEOUT = 5;
/** Seconds after which a wait is reported. */
const NOTICE_AFTER = 0.5;
/** Milliseconds between attempts if the process can't wait in the kernel. */
const MIN_PAUSE = 0.5;
const MAX_PAUSE = 12;

/** Reads PORTCLAIM_LOCK_TIMEOUT ("30s"). Throws a RegistryError ("invalid"). */
export function lockOptions(text: string | undefined, onWait: LockOptions["onWait"]): LockOptions {
  const timeout = text ? parseDuration(text) : LOCK_TIMEOUT;
  if (timeout !== undefined) return { timeout, ...(onWait && { onWait }) };
  const value = JSON.stringify(text);
  throw new RegistryError(
    `PORTCLAIM_LOCK_TIMEOUT is not a duration: ${value}; expected "5s", for example`,
    {
      code: "invalid",
      what: "environment",
    },
  );
}

/**
 * Acquires the registry's lock. Reports after half a second, and fails at the deadline with a
 * RegistryError ("locked") that names the holder. Never breaks the lock: the kernel releases it when
 * its holder exits.
 */
export async function acquireLock(
  machine: Machine,
  home: Home,
  options: LockOptions,
): Promise<Lock> {
  return machine.tryLock(home.lock) ?? (await waitForLock(machine, home, options));
}

function waitForLock(machine: Machine, home: Home, options: LockOptions): Lock | Promise<Lock> {
  const started = machine.monotonic();
  // On a network file system, even a signal may not interrupt a wait in the kernel.
  const isLocal = machine.networkFileSystem(home.path) === undefined;
  // startup: most waits are short, and loading what a long one needs takes as long as a short wait.
  const seconds = options.timeout < NOTICE_AFTER ? options.timeout : NOTICE_AFTER;
  const lock = isLocal && seconds > 0 ? machine.lockWithin(home.lock, seconds * 1000) : undefined;
  if (lock !== undefined && lock !== "late") return lock;
  return waitLonger(machine, home, options, { started, inKernel: lock === "late" });
}

interface WaitState {
  /** Seconds by the monotonic clock. */
  started: number;
  /** Whether the kernel can wait here. */
  inKernel: boolean;
}

async function waitLonger(
  machine: Machine,
  home: Home,
  { timeout, onWait }: LockOptions,
  { started, inKernel }: WaitState,
): Promise<Lock> {
  const backoff = new Backoff();
  let reported = false;
  for (;;) {
    const waited = machine.monotonic() - started;
    if (waited >= timeout) throw lockTimeout(machine, home);
    if (waited >= NOTICE_AFTER && !reported) {
      reported = true;
      onWait?.(machine.lockHolder(home.lock));
    }
    const until = reported ? timeout : Math.min(NOTICE_AFTER, timeout);
    const left = (until - waited) * 1000;
    let lock = inKernel ? machine.lockWithin(home.lock, left) : undefined;
    if (lock === undefined) {
      await machine.pause(Math.min(backoff.next(), left));
      lock = machine.tryLock(home.lock);
    }
    if (lock !== undefined && lock !== "late") return lock;
  }
}

/** Growing pauses with jitter, so that waiting processes don't all try at the same moment. */
class Backoff {
  private pause = MIN_PAUSE;

  next(): number {
    const drawn = this.pause * (0.5 + Math.random());
    this.pause = Math.min(this.pause * 1.6, MAX_PAUSE);
    return drawn;
  }
}

function lockTimeout(machine: Machine, home: Home): RegistryError {
  const pid = machine.lockHolder(home.lock);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new RegistryError(`${holder} is holding the lock ${home.lock}`, {
    code: "locked",
    path: home.lock,
    ...(pid !== undefined && { pid }),
  });
}
