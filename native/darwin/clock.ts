import { floor, readClock } from "../posix/clock.ts";

// On macOS, CLOCK_MONOTONIC counts suspend too.
const UPTIME_RAW = 8;

/** Seconds of this boot, not counting suspend. No one can set this clock. */
export function monotonic(): number {
  return (readClock(UPTIME_RAW) ?? 0) / 1e6;
}

/** Now, in the unit of a process's start time: seconds since 1970. */
export function startClock(): number {
  return floor(Date.now() / 1000);
}

/** Seconds since a start time; 0 if it is in the future. */
export function secondsSince(start: number): number {
  const passed = startClock() - start;
  return passed < 0 ? 0 : passed;
}
