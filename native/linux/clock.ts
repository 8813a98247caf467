import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { floor, readClock } from "../posix/clock.ts";
import { timeOffsets } from "./time-namespace.ts";

const MONOTONIC = 1;
const BOOTTIME = 7;
/** Microseconds in a clock tick of /proc. */
const TICK = 10_000;

function uptime(): number {
  const text = unless(["ENOENT", "EACCES"], () => files().read("/proc/uptime", 128));
  return Number(text?.split(" ")[0] ?? 0) * 1e6;
}

/** Seconds of this boot, not counting suspend. No one can set this clock. */
export function monotonic(): number {
  return (readClock(MONOTONIC) ?? uptime()) / 1e6 - timeOffsets().monotonic;
}

/** Now, in the unit of a process's start time: clock ticks since boot. */
export function startClock(): number {
  return startOf(floor((readClock(BOOTTIME) ?? uptime()) / TICK));
}

/** Converts a start time that /proc prints in this time namespace to that of the initial one. */
export function startOf(ticks: number): number {
  return ticks - floor((timeOffsets().boottime * 1e6) / TICK);
}

/** Seconds since a start time; 0 if it is in the future. */
export function secondsSince(start: number): number {
  const ticks = startClock() - start;
  return ticks < 0 ? 0 : (ticks * TICK) / 1e6;
}
