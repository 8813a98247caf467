import { expect, test } from "bun:test";
import { tryLock } from "../../native/posix/flock.ts";
import { Connection, McpWorld, PATIENT } from "./connection.ts";

const EACH = 20;

/** The results of `work` for 0, 1, …, all started at once. */
const atOnce = <T>(work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: EACH }, (_, index) => work(index)));

test(
  "two servers and twenty commands at once never get the same port twice",
  async () => {
    await using world = new McpWorld({ PORTCLAIM_LOCK_TIMEOUT: "30s" });
    await using first = await Connection.open(world);
    await using second = await Connection.open(world);
    // All prefer the same port, so only the registry keeps them apart.
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

test("concurrent calls of one server for one service never share a port", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  const ports = await atOnce(() => connection.acquire({ service: "web" }));
  expect(new Set(ports).size).toBe(EACH);
});

test("a server answers other calls while one waits for the lock", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  await connection.acquire({ service: "web" });
  const lock = tryLock(`${world.home}/.lock`);
  const waiting = connection.acquire({ service: "api" });
  // When the first is answered, the other call has reached the lock.
  await connection.call("list");
  const { data } = await connection.call("list");
  expect(data["claims"]).toHaveLength(1);
  lock?.[Symbol.dispose]();
  expect(await waiting).toBeNumber();
});
