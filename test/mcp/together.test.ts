import { expect, test } from "bun:test";
import { Connection, McpWorld, PATIENT } from "./connection.ts";

const EACH = 20;

/** What `work` gives for each of 0, 1, … all started at once. */
const atOnce = <T>(work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: EACH }, (_, index) => work(index)));

test(
  "two servers and twenty calls of the command at once never give a port twice",
  async () => {
    await using world = new McpWorld({ PORTCLAIM_LOCK_TIMEOUT: "30s" });
    world.configure(`[pool]\nrange = "${world.first}-${world.first + 99}"\n`);
    await using first = await Connection.open(world);
    await using second = await Connection.open(world);
    // All want the same port, so all that keeps them apart is the registry.
    const prefer = world.first;
    const ports = (
      await Promise.all([
        atOnce((i) => first.acquire({ service: `a${i}`, prefer })),
        atOnce((i) => second.acquire({ service: `b${i}`, prefer })),
        atOnce((i) => world.acquire("--service", `c${i}`, "--prefer", `${prefer}`)),
      ])
    ).flat();
    expect(ports).toHaveLength(3 * EACH);
    expect(new Set(ports).size).toBe(3 * EACH);
    const { data } = await first.call("list");
    const listed = data["claims"].map(({ port }: { port: number }) => port);
    expect(listed).toEqual(ports.toSorted((a, b) => a - b));
  },
  PATIENT,
);

test("calls of one server at once for one service never share a port", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  const ports = await atOnce(() => connection.acquire({ service: "web" }));
  expect(new Set(ports).size).toBe(EACH);
});

test("a server answers other calls while one waits for the lock", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  await connection.acquire({ service: "web" });
  using holder = holdLock(world);
  const waiting = connection.acquire({ service: "api" });
  // By the time that the first is answered, the other call has come to the lock.
  await connection.call("list");
  const { data } = await connection.call("list");
  expect(data["claims"]).toHaveLength(1);
  holder[Symbol.dispose]();
  expect(await waiting).toBeNumber();
});

function holdLock(world: McpWorld): Disposable {
  const { tryLock } =
    require("../../native/posix/flock.ts") as typeof import("../../native/posix/flock.ts");
  const lock = tryLock(`${world.home}/.lock`);
  if (lock === undefined) throw new Error("somebody else has the lock");
  let held = true;
  return {
    [Symbol.dispose]() {
      if (held) lock[Symbol.dispose]();
      held = false;
    },
  };
}
