import { expect, test } from "bun:test";
import { until } from "../harness.ts";
import { Connection, McpWorld, PATIENT } from "./connection.ts";

const uri = "portclaim://claims";

test(
  "whoever subscribes hears of what others claim, start, stop and release",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    const { client, updates } = connection;
    await client.subscribeResource({ uri });
    const heard = async (what: string, change: () => Promise<unknown>) => {
      updates.length = 0;
      const result = await change();
      await until(`it is heard that somebody ${what}`, () => updates.length > 0);
      expect(new Set(updates)).toEqual(new Set([uri]));
      return result;
    };
    const port = (await heard("claims", () => world.acquire("--service", "web"))) as number;
    await heard("listens", () => world.listen(port));
    const { contents } = await client.readResource({ uri });
    const { claims } = JSON.parse((contents[0] as { text: string }).text);
    expect(claims).toMatchObject([{ port, state: "listening" }]);
    await heard("stops", () => world.stopListening());
    await heard("releases", () => world.run(["release", `${port}`]));
    await using other = await Connection.open(world);
    await heard("claims by another server", () => other.acquire({ service: "api" }));
  },
  PATIENT,
);

test(
  "whoever has subscribed twice hears once, and no more after unsubscribing",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    await using other = await Connection.open(world);
    for (const { client } of [connection, other]) await client.subscribeResource({ uri });
    await connection.client.subscribeResource({ uri });
    await connection.client.unsubscribeResource({ uri });
    await world.acquire("--service", "web");
    await until("the other hears of it", () => other.updates.length > 0);
    await connection.call("list");
    expect(connection.updates).toEqual([]);
    await connection.client.subscribeResource({ uri });
    await world.acquire("--service", "api");
    await until("it hears again", () => connection.updates.length > 0);
  },
  PATIENT,
);

test("there is no other resource", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  const other = { uri: "portclaim://secrets" };
  await expect(connection.client.readResource(other)).rejects.toThrow("-32002");
  await expect(connection.client.subscribeResource(other)).rejects.toThrow("-32002");
});

test(
  "a registry that can't be read is an error to who reads it, until it is mended",
  async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    world.configure("[pool\n");
    await expect(connection.client.readResource({ uri })).rejects.toThrow("config.toml");
    await expect(connection.client.subscribeResource({ uri })).rejects.toThrow("config.toml");
    world.configure("");
    await connection.client.subscribeResource({ uri });
    world.configure("[pool\n");
    world.configure("");
    await world.acquire("--service", "web");
    await until("it hears of a claim", () => connection.updates.length > 0);
  },
  PATIENT,
);

test("there is no tool but the five", async () => {
  await using world = new McpWorld();
  await using connection = await Connection.open(world);
  await expect(connection.call("kill")).rejects.toThrow("-32602");
});
