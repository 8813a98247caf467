import { monotonic } from "../posix/clock.ts";
import { type Lock, waitForFlock } from "../posix/flock.ts";
import { type Callable, load } from "../posix/libc.ts";

/**
 * Blocks in `flock(2)`, which passes a lock to the next waiter at once and in order. "late" if it is
 * still held after that many milliseconds; `undefined` if this process can't wait this way.
 */
export function lockWithin(path: string, milliseconds: number): Lock | "late" | undefined {
  return withAlarm(milliseconds, (isOver) => waitForFlock(path, isOver) ?? "late");
}

const ITIMER_REAL = 0;
const SIGALRM = 14;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
/** Milliseconds between signals. They repeat, as the first may arrive just before the call blocks. */
const AGAIN = 50;
/** Bytes in a sigset_t, in glibc and musl. */
const SET = 128;

const functions = () =>
  ({
    abs: { args: ["i32"], returns: "i32" },
    setitimer: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    siginterrupt: { args: ["i32", "i32"], returns: "i32" },
    signal: { args: ["i32", "ptr"], returns: "ptr" },
    sigprocmask: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  }) as const;

type Alarms = Callable<keyof ReturnType<typeof functions>>;
let loaded: Alarms | undefined;

/**
 * Runs `action`. Its blocking system calls fail with EINTR after that many milliseconds, and `isOver`
 * then returns true. Uses SIGALRM and setitimer(2), so never call it in a server. Returns `undefined`
 * without running `action` if an alarm is already set.
 */
function withAlarm<T>(milliseconds: number, action: (isOver: () => boolean) => T): T | undefined {
  const { abs, setitimer, siginterrupt, signal, sigprocmask } = (loaded ??=
    load<Alarms>(functions()));
  // An alarm survives exec: `alarm(5); exec portclaim …`.
  const others = new Uint32Array(8);
  setitimer(ITIMER_REAL, times(0, 0), others);
  if (others[4] !== 0 || others[6] !== 0) {
    setitimer(ITIMER_REAL, others, null);
    return undefined;
  }
  const until = monotonic() + milliseconds / 1000;
  const mask = new Uint8Array(SET);
  // abs(3) serves as a handler that does nothing: it takes an int, as a handler does.
  const handler = signal(SIGALRM, (abs as unknown as { ptr: number }).ptr);
  siginterrupt(SIGALRM, 1);
  sigprocmask(SIG_UNBLOCK, maskOf(SIGALRM), mask);
  // An initial value of 0 would disarm the timer.
  setitimer(ITIMER_REAL, times(AGAIN, milliseconds < 1 ? 1 : milliseconds), null);
  try {
    return action(() => monotonic() >= until);
  } finally {
    setitimer(ITIMER_REAL, times(0, 0), null);
    sigprocmask(SIG_SETMASK, mask, null);
    signal(SIGALRM, handler);
  }
}

function maskOf(signal: number): Uint8Array {
  const mask = new Uint8Array(SET);
  mask[(signal - 1) >> 3] = 1 << ((signal - 1) & 7);
  return mask;
}

/** A struct itimerval: the interval, then the initial value, each as 64-bit seconds and microseconds. */
function times(again: number, first: number): Uint32Array {
  const words = new Uint32Array(8);
  words[2] = again * 1000;
  // A typed array truncates fractions.
  words[4] = first / 1000;
  words[6] = (first % 1000) * 1000;
  return words;
}
