import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { coldLibc, hasLibc, libc } from "./libc.ts";

// CLOCK_MONOTONIC of clock_gettime(2). On macOS that one counts sleep, and CLOCK_UPTIME_RAW doesn't.
const MONOTONIC = process.platform === "darwin" ? 8 : 1;
const REALTIME = 0;

/** Microseconds that a clock shows; `undefined` where libc can't be called. */
export function readClock(clock: number): number | undefined {
  if (!hasLibc()) return undefined;
  // struct timespec: seconds and nanoseconds, of 64 bits each.
  const time = new Uint32Array(4);
  if (libc().clock_gettime(clock, time) !== 0) return undefined;
  const seconds = (time[0] ?? 0) + (time[1] ?? 0) * 2 ** 32;
  return seconds * 1e6 + floor((time[2] ?? 0) / 1000);
}

// startup: `Math` is created when it is first named, which costs 0.06 ms.
export const floor = (number: number) => number - (number % 1);

/** Microseconds since boot, from /proc/uptime, for where libc can't be called. */
export function readUptime(): number {
  const text = unless(["ENOENT", "EACCES"], () => files().read("/proc/uptime", 128));
  return Number(text?.split(" ")[0] ?? 0) * 1e6;
}

/** Microseconds since 1970 by the wall clock. */
export function wallClock(): number {
  return readClock(REALTIME) ?? Date.now() * 1000;
}

/** Seconds of this boot, not counting suspend. It can't be set. */
export function monotonic(): number {
  return (readClock(MONOTONIC) ?? readUptime()) / 1e6;
}

/** Sleeps without an event loop; only for a process that serves nothing meanwhile. */
export function sleep(milliseconds: number): void {
  coldLibc().usleep(Math.round(milliseconds * 1000));
}
