import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "../harness.ts";
import { PoolWorld } from "../pool.ts";
import { Dashboard } from "./dashboard.ts";

setDefaultTimeout(60_000);

const HOUR = 3600;
const WINDOW = 2;
/** Bun collects garbage at this interval, in milliseconds, until 30 collections in a row have freed nothing. */
const GC_INTERVAL = "20";

/** Nanoseconds of CPU that each thread of a process has used: proc_schedstat. */
function threadsOf(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  const used = (thread: string) => readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ");
  return new Map(readdirSync(folder).map((thread) => [thread, Number(used(thread)[0])]));
}

/** Seconds of CPU in an hour, at the present rate. */
async function hourly(pid: number): Promise<number> {
  const before = threadsOf(pid);
  // The passing of time is what is measured here.
  await Bun.sleep(WINDOW * 1000);
  const spent = [...threadsOf(pid)].map(([thread, used]) => used - (before.get(thread) ?? 0));
  return ((spent.reduce((sum, used) => sum + used, 0) / 1e9) * HOUR) / WINDOW;
}

describe.skipIf(process.platform !== "linux")("a dashboard without open pages", () => {
  test("uses less than two seconds of CPU in an hour", async () => {
    const world = new PoolWorld({ BUN_GC_TIMER_INTERVAL: GC_INTERVAL });
    await using dashboard = await Dashboard.start(world);
    await world.acquire("--service", "web");
    const { pid } = dashboard.process;
    await until("it rests", async () => (await hourly(pid)) < 2, 50);
    expect(dashboard.process.exitCode).toBeNull();
  });
});
