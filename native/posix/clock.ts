import { coldLibc, hasLibc, libc } from "./libc.ts";

const REALTIME = 0;

/** The time of a clock of clock_gettime(2), in microseconds; `undefined` where libc can't be called. */
export function readClock(clock: number): number | undefined {
  if (!hasLibc()) return undefined;
  // struct timespec: seconds and nanoseconds, 64 bits each.
  const time = new Uint32Array(4);
  if (libc().clock_gettime(clock, time) !== 0) return undefined;
  const seconds = (time[0] ?? 0) + (time[1] ?? 0) * 2 ** 32;
  return seconds * 1e6 + floor((time[2] ?? 0) / 1000);
}

/** Math.floor of a positive number. startup: the first use of `Math` takes 60 µs. */
export const floor = (number: number): number => number - (number % 1);

/** Microseconds since 1970. */
export function wallClock(): number {
  return readClock(REALTIME) ?? Date.now() * 1000;
}

/** Blocks the whole process, event loop included. */
export function sleep(milliseconds: number): void {
  coldLibc().usleep(Math.round(milliseconds * 1000));
}
