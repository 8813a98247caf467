import { unless } from "./errno.ts";
import { files } from "./files.ts";
import { hasLibc, libc } from "./libc.ts";

// CLOCK_MONOTONIC of clock_gettime(2); on macOS that one counts sleep, CLOCK_UPTIME_RAW doesn't.
const MONOTONIC = process.platform === "darwin" ? 8 : 1;
const BOOTTIME = 7;
const REALTIME = 0;
const TICKS_PER_SECOND = 100;

function read(clock: number): number | undefined {
  if (!hasLibc()) return undefined;
  const time = new BigInt64Array(2);
  if (libc().clock_gettime(clock, time) !== 0) return undefined;
  return Number(time[0]) + Number(time[1]) / 1e9;
}

function uptime(): number {
  const text = unless(["ENOENT", "EACCES"], () => files().read("/proc/uptime", 128));
  return Number(text?.split(" ")[0] ?? 0);
}

/** Microseconds since 1970 by the wall clock. */
export function wallClock(): number {
  return Math.round((read(REALTIME) ?? Date.now() / 1000) * 1e6);
}

/** Seconds of this boot that the machine was awake; nobody can set it. */
export function monotonic(): number {
  return read(MONOTONIC) ?? uptime();
}

/** Now, on the scale of a process's `start`: ticks since boot, or seconds since 1970 on macOS. */
export function startTick(): number {
  if (process.platform === "darwin") return Math.floor(Date.now() / 1000);
  return Math.floor((read(BOOTTIME) ?? uptime()) * TICKS_PER_SECOND);
}

/** Seconds since something started, given its `start`. */
export function secondsSince(start: number): number {
  const scale = process.platform === "darwin" ? 1 : TICKS_PER_SECOND;
  return Math.max(0, (startTick() - start) / scale);
}

/** Waits without an event loop; only for a process that serves nobody meanwhile. */
export function sleep(milliseconds: number): void {
  libc().usleep(Math.round(milliseconds * 1000));
}
