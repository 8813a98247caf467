import { expect, test } from "bun:test";
import { readProcess } from "../../../native/linux/processes.ts";
import { startClock } from "../../../native/linux/start-clock.ts";
import { monotonic, sleep, wallClock } from "../../../native/posix/clock.ts";
import { until, World } from "../../harness.ts";

test("the wall clock counts microseconds since 1970", () => {
  const before = Date.now();
  const now = wallClock() / 1000;
  expect(now).toBeGreaterThanOrEqual(before - 1);
  expect(now).toBeLessThanOrEqual(Date.now() + 1);
});

test("the monotonic clock counts seconds, and never goes back", () => {
  const before = [monotonic(), performance.now() / 1000] as const;
  sleep(20);
  const after = [monotonic(), performance.now() / 1000] as const;
  expect(after[0] - before[0]).toBeGreaterThanOrEqual(0.02);
  expect(after[0] - before[0]).toBeCloseTo(after[1] - before[1], 1);
});

test("a tick is on the scale of a process's start", async () => {
  await using world = new World();
  const before = startClock();
  const child = world.spawn(["sleep", "60"]);
  const { start } = await until("it is there", () => readProcess(child.pid));
  expect(start).toBeGreaterThanOrEqual(before);
  expect(start).toBeLessThanOrEqual(startClock());
});
