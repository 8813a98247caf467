import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { until, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { Dashboard } from "./dashboard.ts";

setDefaultTimeout(60_000);

const HOUR = 3600;
const WINDOW = 2;
/** Bun collects garbage once a second until nothing has changed for half a minute. */
const RESTED = 50;

/** Nanoseconds of CPU that each thread of a process has used: proc_schedstat. */
function threadsOf(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  const used = (thread: string) => readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ");
  return new Map(readdirSync(folder).map((thread) => [thread, Number(used(thread)[0])]));
}

/** Seconds of CPU in an hour, if it goes on as it does for a while. */
async function hourly(pid: number): Promise<number> {
  const before = threadsOf(pid);
  // Time passing is what is measured here.
  await Bun.sleep(WINDOW * 1000);
  const spent = [...threadsOf(pid)].map(([thread, used]) => used - (before.get(thread) ?? 0));
  return ((spent.reduce((sum, used) => sum + used, 0) / 1e9) * HOUR) / WINDOW;
}

needs("Linux").describe("a dashboard that nobody looks at", () => {
  test("uses less than two seconds of CPU in an hour", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    const dashboard = await Dashboard.start(world);
    const { pid } = dashboard.process;
    await until("it rests", async () => (await hourly(pid)) < 2, RESTED);
    expect(dashboard.process.exitCode).toBeNull();
  });
});
