import { floor, readClock, readUptime } from "../posix/clock.ts";

const BOOTTIME = 7;
/** Microseconds per clock tick in /proc. */
const TICK = 10_000;

/** The current time in the units of a process's `start`: clock ticks since boot. */
export function startClock(): number {
  return floor((readClock(BOOTTIME) ?? readUptime()) / TICK);
}

/** Seconds since a process started, given its `start`. */
export function secondsSince(start: number): number {
  const ticks = startClock() - start;
  return ticks < 0 ? 0 : (ticks * TICK) / 1e6;
}
