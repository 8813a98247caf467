import { expect, test } from "bun:test";
import { freePort, until } from "../../harness.ts";
import { serving, Stage } from "../servers.ts";

async function orphaned() {
  const stage = new Stage();
  const owner = stage.spawn(["sleep", "1000"]);
  const port = await stage.acquire(
    "web",
    "--prefer",
    `${await freePort()}`,
    "--pid",
    `${owner.pid}`,
  );
  const server = stage.start(["sh", "-c", `exec ${serving(port).join(" ")}`]);
  await stage.listening(port);
  owner.kill("SIGKILL");
  await owner.exited;
  return { stage, port, server, owner: owner.pid };
}

test("a server that outlives its owner keeps the claim", async () => {
  const { stage, port } = await orphaned();
  await using _ = stage;
  expect(await stage.web()).toMatchObject({ port, state: "orphaned" });
});

test("reap lets the server adopt the claim", async () => {
  const { stage, port, owner } = await orphaned();
  await using _ = stage;
  await stage.run(["reap"]);
  const claim = await stage.web();
  expect(claim).toMatchObject({ port, state: "listening" });
  expect(claim?.pid).not.toBe(owner);
  expect(claim?.listeners.map(({ pid }) => pid)).toContain(claim?.pid ?? 0);
});

test("an adopted claim ends with its server", async () => {
  const { stage, server } = await orphaned();
  await using _ = stage;
  await stage.run(["reap"]);
  const { pid = 0 } = (await stage.web()) ?? {};
  process.kill(pid, "SIGKILL");
  await server.exited;
  await until("its claim is dead", async () => (await stage.web())?.state === "dead");
  await stage.run(["reap"]);
  expect(await stage.list()).toEqual([]);
});
