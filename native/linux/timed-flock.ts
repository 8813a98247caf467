import { type Lock, waitForFlock } from "../posix/flock.ts";
import { type Callable, load } from "../posix/libc.ts";
import { monotonic } from "./clock.ts";

/**
 * Waits in the kernel for `flock(2)`, which passes a lock on at once and in order. "late" if it is still
 * held after so many milliseconds; `undefined` if this process can't wait in this way.
 */
export function lockWithin(path: string, milliseconds: number): Lock | "late" | undefined {
  return withAlarm(milliseconds, (isOver) => waitForFlock(path, isOver) ?? "late");
}

const ITIMER_REAL = 0;
const SIGALRM = 14;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
/** Milliseconds between signals: the first may come just before the call that it should interrupt. */
const AGAIN = 50;
/** Bytes of a sigset_t, of glibc and musl: one bit per signal. */
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
 * Runs `action`, whose blocking system calls fail with EINTR once so many milliseconds have passed;
 * `isOver` returns whether they have. Uses SIGALRM and setitimer(2), so only for a process without an
 * event loop. `undefined`, with nothing done, where an alarm is already set.
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
  // The handler does nothing: like a handler, abs(3) takes a number.
  const handler = signal(SIGALRM, (abs as unknown as { ptr: number }).ptr);
  siginterrupt(SIGALRM, 1);
  sigprocmask(SIG_UNBLOCK, maskOf(SIGALRM), mask);
  // A first time of 0 would set no alarm.
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

/** A struct itimerval: seconds and microseconds of the interval and of the first signal, 64 bits each. */
function times(again: number, first: number): Uint32Array {
  const words = new Uint32Array(8);
  words[2] = again * 1000;
  // A typed array drops fractions.
  words[4] = first / 1000;
  words[6] = (first % 1000) * 1000;
  return words;
}
