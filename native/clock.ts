import { unless } from "./errno.ts";
import { files } from "./files.ts";
import { hasLibc, libc, coldLibc } from "./libc.ts";

// CLOCK_MONOTONIC of clock_gettime(2); on macOS that one counts sleep, CLOCK_UPTIME_RAW doesn't.
const MONOTONIC = process.platform === "darwin" ? 8 : 1;
const BOOTTIME = 7;
const REALTIME = 0;
/** Microseconds in a clock tick of /proc. */
const TICK = 10_000;

/** Microseconds that a clock shows; `undefined` where libc can't be called. */
function read(clock: number): number | undefined {
  if (!hasLibc()) return undefined;
  // struct timespec: seconds and nanoseconds, of 64 bits each.
  const time = new Uint32Array(4);
  if (libc().clock_gettime(clock, time) !== 0) return undefined;
  const seconds = (time[0] ?? 0) + (time[1] ?? 0) * 2 ** 32;
  return seconds * 1e6 + floor((time[2] ?? 0) / 1000);
}

// `Math` is made when it is first named, which costs a start 0.06 ms.
const floor = (number: number) => number - (number % 1);

function uptime(): number {
  const text = unless(["ENOENT", "EACCES"], () => files().read("/proc/uptime", 128));
  return Number(text?.split(" ")[0] ?? 0) * 1e6;
}

/** Microseconds since 1970 by the wall clock. */
export function wallClock(): number {
  return read(REALTIME) ?? Date.now() * 1000;
}

/** Seconds of this boot that the machine was awake; nobody can set it. */
export function monotonic(): number {
  return (read(MONOTONIC) ?? uptime()) / 1e6;
}

/** Now, on the scale of a process's `start`: ticks since boot, or seconds since 1970 on macOS. */
export function startClock(): number {
  if (process.platform === "darwin") return floor(Date.now() / 1000);
  return floor((read(BOOTTIME) ?? uptime()) / TICK);
}

/** Seconds since something started, given its `start`. */
export function secondsSince(start: number): number {
  const passed = startClock() - start;
  if (passed < 0) return 0;
  return process.platform === "darwin" ? passed : (passed * TICK) / 1e6;
}

/** Waits without an event loop; only for a process that serves nobody meanwhile. */
export function sleep(milliseconds: number): void {
  coldLibc().usleep(Math.round(milliseconds * 1000));
}
