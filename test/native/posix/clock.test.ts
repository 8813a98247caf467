import { expect, test } from "bun:test";
import { thisMachine } from "../../../native/machine.ts";
import { sleep, wallClock } from "../../../native/posix/clock.ts";
import { PORTCLAIM, ROOT, script, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { ownTime } from "../../privileged.ts";

const { monotonic, process: readProcess, startClock } = thisMachine();

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

needs("time namespaces").test.each([3_000_000, -100])(
  "a time namespace whose clocks are %d s ahead sees the same start times and clocks",
  async (ahead) => {
    await using world = new World();
    const child = world.spawn(["sleep", "60"]);
    const { start } = await until("it is there", () => readProcess(child.pid));
    const asking = script(`
      import { thisMachine } from "${ROOT}/native/machine.ts";
      const { monotonic, process: read, secondsSince, startClock } = thisMachine();
      const { start } = read(${child.pid});
      const own = read(process.pid).start;
      console.log(JSON.stringify({ start, own, age: secondsSince(start), monotonic: monotonic(), now: startClock() }));`);
    const before = { monotonic: monotonic(), now: startClock() };
    const { out, err } = await world.exec([...ownTime(ahead), ...asking]);
    expect(err).toBe("");
    const seen = JSON.parse(out) as Record<string, number>;
    expect(seen["start"]).toBe(start);
    for (const [name, least, most] of [
      ["monotonic", before.monotonic, monotonic()],
      ["now", before.now, startClock()],
      ["own", before.now, startClock()],
      ["age", 0, 60],
    ] as const) {
      expect([name, seen[name]]).toEqual([name, expect.any(Number) as never]);
      expect(seen[name]).toBeGreaterThanOrEqual(least);
      expect(seen[name]).toBeLessThanOrEqual(most);
    }
  },
);

needs("time namespaces").test(
  "a call from a time namespace reaps no claim made outside of it",
  async () => {
    await using world = new World();
    const port = await world.acquire("--service", "web");
    await world.exec([...ownTime(1000), ...PORTCLAIM, "acquire", "--service", "api"]);
    expect(await world.list()).toMatchObject([{ port, state: "starting" }, { state: "starting" }]);
  },
);
