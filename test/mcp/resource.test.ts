import { expect, test } from "bun:test";
import { until } from "../harness.ts";
import { Connection, McpWorld, PATIENT } from "./connection.ts";

const uri = "portclaim://claims";

/** The message of a promise's rejection. Bun's `rejects` blocks every concurrent test meanwhile. */
const problem = (failing: Promise<unknown>) =>
  failing.then(
    () => "it succeeded",
    (error: Error) => error.message,
  );

test.concurrent(
  "a subscribed client is notified when others claim, start, stop and release",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    const { client, updates } = connection;
    await client.subscribeResource({ uri });
    const notifies = async (what: string, change: () => Promise<unknown>) => {
      updates.length = 0;
      const result = await change();
      await until(`there is a notification: ${what}`, () => updates.length > 0);
      expect(new Set(updates)).toEqual(new Set([uri]));
      return result;
    };
    const port = (await notifies("claimed", () => world.acquire("--service", "web"))) as number;
    await notifies("listening", () => world.listen(port));
    const { contents } = await client.readResource({ uri });
    const { claims } = JSON.parse((contents[0] as { text: string }).text);
    expect(claims).toMatchObject([{ port, state: "listening" }]);
    await notifies("stopped", () => world.stopListening());
    await notifies("released", () => world.run(["release", `${port}`]));
    await using other = await Connection.open(world);
    await notifies("claimed by another server", () => other.acquire({ service: "api" }));
  },
  PATIENT,
);

test.concurrent(
  "a client that subscribed twice is notified once, and never after it unsubscribed",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    await using other = await Connection.open(world);
    for (const { client } of [connection, other]) await client.subscribeResource({ uri });
    await connection.client.subscribeResource({ uri });
    await connection.client.unsubscribeResource({ uri });
    await world.acquire("--service", "web");
    await until("the other is notified", () => other.updates.length > 0);
    await connection.call("list");
    expect(connection.updates).toEqual([]);
    await connection.client.subscribeResource({ uri });
    await world.acquire("--service", "api");
    await until("it is notified again", () => connection.updates.length > 0);
  },
  PATIENT,
);

test.concurrent("there is no other resource, and no other tool", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  const other = { uri: "portclaim://secrets" };
  expect(await problem(connection.client.readResource(other))).toContain("-32002");
  expect(await problem(connection.client.subscribeResource(other))).toContain("-32002");
  expect(await problem(connection.call("kill"))).toContain("-32602");
});

test.concurrent(
  "a config that can't be read doesn't stop readers",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    world.configure("[pool\n");
    expect((await connection.client.readResource({ uri })).contents).toHaveLength(1);
    await connection.client.subscribeResource({ uri });
    world.configure("[pool\n");
    world.configure(world.pool());
    await world.acquire("--service", "web");
    await until("it is notified of a claim", () => connection.updates.length > 0);
  },
  PATIENT,
);
