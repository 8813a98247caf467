import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { coldLibc, hasLibc, libc } from "./libc.ts";

// CLOCK_MONOTONIC (clock_gettime(2)) counts sleep on macOS, so CLOCK_UPTIME_RAW is used there.
const MONOTONIC = process.platform === "darwin" ? 8 : 1;
const REALTIME = 0;

/** The time on a clock in microseconds; `undefined` if bun:ffi is unavailable. */
export function readClock(clock: number): number | undefined {
  if (!hasLibc()) return undefined;
  // struct timespec: seconds and nanoseconds, 64 bits each.
  const time = new Uint32Array(4);
  if (libc().clock_gettime(clock, time) !== 0) return undefined;
  const seconds = (time[0] ?? 0) + (time[1] ?? 0) * 2 ** 32;
  return seconds * 1e6 + floor((time[2] ?? 0) / 1000);
}

// startup: the engine creates `Math` on first use, which costs 0.06 ms.
export const floor = (number: number) => number - (number % 1);

/** Microseconds since boot, from /proc/uptime. The fallback if bun:ffi is unavailable. */
export function readUptime(): number {
  const text = unless(["ENOENT", "EACCES"], () => files().read("/proc/uptime", 128));
  return Number(text?.split(" ")[0] ?? 0) * 1e6;
}

/** Microseconds since 1970 by the wall clock. */
export function wallClock(): number {
  return readClock(REALTIME) ?? Date.now() * 1000;
}

/** Seconds since boot, not counting suspend. This clock can't be set. */
export function monotonic(): number {
  return (readClock(MONOTONIC) ?? readUptime()) / 1e6;
}

/** Blocks the event loop: never call it in a server. */
export function sleep(milliseconds: number): void {
  coldLibc().usleep(Math.round(milliseconds * 1000));
}
