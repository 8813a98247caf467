import { monotonic } from "./clock.ts";
import { seldom } from "./libc.ts";

const ITIMER_REAL = 0;
const SIGALRM = 14;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
/** Milliseconds until another signal, should one come just before the call that it is to end. */
const AGAIN = 50;
/** A sigset_t of either libc: a bit for each signal. */
const SET = 128;

/**
 * Runs `action`, whose blocking system calls end with EINTR once so many milliseconds have passed;
 * `isOver` tells it so. By SIGALRM, setitimer(2): only on Linux, and only for a process that serves
 * nobody meanwhile. `undefined`, and nothing done, where an alarm of somebody else's is set.
 */
export function withAlarm<T>(
  milliseconds: number,
  action: (isOver: () => boolean) => T,
): T | undefined {
  const { abs, setitimer, siginterrupt, signal, sigprocmask } = seldom();
  // `alarm(5); exec portclaim …` keeps its alarm through exec.
  const others = new BigUint64Array(4);
  setitimer(ITIMER_REAL, times(0, 0), others);
  if (others[2] !== 0n || others[3] !== 0n) {
    setitimer(ITIMER_REAL, others, null);
    return undefined;
  }
  const until = monotonic() + milliseconds / 1000;
  const mask = new Uint8Array(SET);
  // A handler that does nothing: abs(3) takes a number too, and touches nothing.
  const handler = signal(SIGALRM, (abs as unknown as { ptr: number }).ptr);
  siginterrupt(SIGALRM, 1);
  sigprocmask(SIG_UNBLOCK, maskOf(SIGALRM), mask);
  setitimer(ITIMER_REAL, times(AGAIN, milliseconds), null);
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

/** A struct itimerval: seconds and microseconds of what comes again, and of the first. */
function times(again: number, first: number): BigUint64Array {
  const parts = (milliseconds: number) => [
    BigInt(Math.floor(milliseconds / 1000)),
    BigInt(Math.floor((milliseconds % 1000) * 1000)),
  ];
  return BigUint64Array.from([...parts(again), ...parts(first)]);
}
