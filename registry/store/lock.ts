import type { Lock, Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { RegistryError } from "../model/errors.ts";

/** How to wait for the registry's lock. */
export interface Waiting {
  /** Seconds until giving up. */
  timeout: number;
  /** Called once, when the wait has become long enough to be felt. */
  onWait?: (holder: number | undefined) => void;
}

export const LOCK_TIMEOUT = 5;
const NOTICE_AFTER = 0.5;
const SHORTEST_PAUSE = 0.5;
const LONGEST_PAUSE = 12;

/**
 * Takes the registry's lock: tries, tells after half a second, and gives up at the deadline with a
 * RegistryError ("locked") that names the holder. Never steals it: the kernel frees a dead one's.
 */
export async function acquireLock(machine: Machine, home: Home, waiting: Waiting): Promise<Lock> {
  return machine.tryLock(home.lock) ?? (await waitForLock(machine, home, waiting));
}

function waitForLock(machine: Machine, home: Home, waiting: Waiting): Lock | Promise<Lock> {
  const started = machine.monotonic();
  // On a network file system a wait in the kernel may not even end by a signal.
  const isLocal = machine.networkFileSystem(home.path) === undefined;
  // Most waits are short: what a long one takes costs as much to load as to wait for one turn.
  const seconds = waiting.timeout < NOTICE_AFTER ? waiting.timeout : NOTICE_AFTER;
  const lock = isLocal && seconds > 0 ? machine.lockWithin(home.lock, seconds * 1000) : undefined;
  if (lock !== undefined && lock !== "late") return lock;
  return waitLong(machine, home, waiting, { started, inKernel: lock === "late" });
}

/** A wait that is under way. */
interface Wait {
  /** Seconds by the monotonic clock. */
  started: number;
  /** Whether the kernel can wait here. */
  inKernel: boolean;
}

async function waitLong(
  machine: Machine,
  home: Home,
  { timeout, onWait }: Waiting,
  { started, inKernel }: Wait,
): Promise<Lock> {
  const patience = new Backoff();
  let told = false;
  for (;;) {
    const waited = machine.monotonic() - started;
    if (waited >= timeout) throw lockTimeout(machine, home);
    if (waited >= NOTICE_AFTER && !told) {
      told = true;
      onWait?.(machine.lockHolder(home.lock));
    }
    const until = told ? timeout : Math.min(NOTICE_AFTER, timeout);
    const left = (until - waited) * 1000;
    let lock = inKernel ? machine.lockWithin(home.lock, left) : undefined;
    if (lock === undefined) {
      await machine.pause(Math.min(patience.next(), left));
      lock = machine.tryLock(home.lock);
    }
    if (lock !== undefined && lock !== "late") return lock;
  }
}

/** Pauses that grow longer, each with a part of chance in it, so that those who wait don't march in step. */
class Backoff {
  private pause = SHORTEST_PAUSE;

  next(): number {
    const drawn = this.pause * (0.5 + Math.random());
    this.pause = Math.min(this.pause * 1.6, LONGEST_PAUSE);
    return drawn;
  }
}

function lockTimeout(machine: Machine, home: Home): RegistryError {
  const pid = machine.lockHolder(home.lock);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new RegistryError(`Cannot lock ${home.lock}: ${holder} still holds it`, {
    code: "locked",
    path: home.lock,
    ...(pid !== undefined && { pid }),
  });
}
