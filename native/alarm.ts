import { monotonic } from "./clock.ts";
import { type Callable, load } from "./libc.ts";

const ITIMER_REAL = 0;
const SIGALRM = 14;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
/** Milliseconds until another signal, should one come just before the call that it is to end. */
const AGAIN = 50;
/** A sigset_t of either libc: a bit for each signal. */
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
 * Runs `action`, whose blocking system calls end with EINTR once so many milliseconds have passed;
 * `isOver` tells it so. By SIGALRM, setitimer(2): only on Linux, and only for a process that serves
 * nobody meanwhile. `undefined`, and nothing done, where an alarm of somebody else's is set.
 */
export function withAlarm<T>(
  milliseconds: number,
  action: (isOver: () => boolean) => T,
): T | undefined {
  const { abs, setitimer, siginterrupt, signal, sigprocmask } = (loaded ??=
    load<Alarms>(functions()));
  // `alarm(5); exec portclaim …` keeps its alarm through exec.
  const others = new Uint32Array(8);
  setitimer(ITIMER_REAL, times(0, 0), others);
  if (others[4] !== 0 || others[6] !== 0) {
    setitimer(ITIMER_REAL, others, null);
    return undefined;
  }
  const until = monotonic() + milliseconds / 1000;
  const mask = new Uint8Array(SET);
  // A handler that does nothing: abs(3) takes a number too, and touches nothing.
  const handler = signal(SIGALRM, (abs as unknown as { ptr: number }).ptr);
  siginterrupt(SIGALRM, 1);
  sigprocmask(SIG_UNBLOCK, maskOf(SIGALRM), mask);
  // A first time of 0 would be no alarm at all.
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

/** A struct itimerval: seconds and microseconds of what comes again, and of the first; 64 bits each. */
function times(again: number, first: number): Uint32Array {
  const words = new Uint32Array(8);
  words[2] = again * 1000;
  // A typed array drops what is less than one.
  words[4] = first / 1000;
  words[6] = (first % 1000) * 1000;
  return words;
}
