import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exists } from "../../native/posix/exists.ts";
import { firstLine, script, until } from "../harness.ts";
import { McpWorld, PATIENT, SERVERS } from "./connection.ts";
import { call, INITIALIZE, lines, portOf, RawServer, read } from "./raw-server.ts";

describe("a server ends, and keeps its claims", () => {
  test.concurrent("when its client closes stdin", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    await server.send(INITIALIZE, call(1, "acquire", { service: "web" }));
    const port = portOf(await server.answer(1));
    server.child.stdin.end();
    expect(await server.child.exited).toBe(0);
    expect(await world.list()).toMatchObject([{ port, pid: process.pid, state: "starting" }]);
  });

  test.concurrent("when stdin ends while calls are running, once all are answered", async () => {
    await using world = new McpWorld();
    const asked = Array.from({ length: 10 }, (_, i) =>
      call(i + 1, "acquire", { service: `s${i}` }),
    );
    const input = lines(INITIALIZE, ...asked, call(99, "list")).trimEnd();
    const { code, out, err } = await world.exec([...SERVERS.binary], { input });
    expect([code, err]).toEqual([0, ""]);
    const ports = asked.map(({ id }) => portOf(read(out).find((one) => one.id === id)));
    expect((await world.list()).map(({ port }) => port)).toEqual(ports.toSorted((a, b) => a - b));
  });

  test.concurrent("when stdin is empty", async () => {
    await using world = new McpWorld();
    expect(await world.exec([...SERVERS.binary])).toEqual({ code: 0, out: "", err: "" });
  });

  test.concurrent("on SIGTERM", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    await server.send(INITIALIZE, call(1, "acquire", { service: "web" }));
    const port = portOf(await server.answer(1));
    server.child.kill("SIGTERM");
    await server.child.exited;
    expect(server.child.signalCode).toBe("SIGTERM");
    expect(await world.claim(port)).toBeDefined();
  });

  test.concurrent("when its stdout is closed, silently", async () => {
    await using world = new McpWorld();
    const input = lines(INITIALIZE, call(1, "acquire", { service: "web" }), call(2, "list"));
    const PING = JSON.stringify({ jsonrpc: "2.0", id: 3, method: "ping" });
    // The pipe's reader exits after the first answer, while requests keep coming.
    const shell = `{ printf '%s' "$INPUT"; exec yes "$PING"; } | { ${SERVERS.binary.join(" ")}; echo "code $?" >&2; kill 0; } | grep -qE '"id":1[,}]'`;
    const { err } = await world.exec(["setsid", "sh", "-c", shell], {
      env: { INPUT: input, PING },
    });
    expect(err).toBe("code 1\n");
    expect(await world.list()).toMatchObject([{ service: "web" }]);
  });

  test.concurrent(
    "when its client is killed",
    async () => {
      await using world = new McpWorld();
      const { agent, server } = await startBelow(world, "pipe");
      agent.kill("SIGKILL");
      await agent.exited;
      await until("the server has exited", () => !exists(server));
    },
    PATIENT,
  );

  test.concurrent(
    "when its client is killed and another process keeps its stdin open",
    async () => {
      await using world = new McpWorld();
      const { agent, server } = await startBelow(world, "fifo");
      expect(exists(server)).toBe(true);
      agent.kill("SIGKILL");
      await agent.exited;
      await until("the server has exited", () => !exists(server));
    },
    PATIENT,
  );
});

/** An agent with a running server; with "fifo", a process that isn't the agent's child keeps stdin open. */
async function startBelow(world: McpWorld, stdin: "pipe" | "fifo") {
  const fifo = world.path("stdin");
  Bun.spawnSync(["mkfifo", fifo]);
  if (stdin === "fifo") world.spawn(["sh", "-c", `exec 3<>${fifo}; exec sleep 60`]);
  const source = stdin === "pipe" ? '"pipe"' : `Bun.file(${JSON.stringify(fifo)})`;
  const out = world.path("out");
  const agent = world.spawn([
    ...script(`
      const stdout = Bun.file(${JSON.stringify(out)});
      const server = Bun.spawn(${JSON.stringify(SERVERS.binary)}, { stdin: ${source}, stdout });
      const stdin = server.stdin ?? Bun.file(${JSON.stringify(fifo)}).writer();
      stdin.write(${JSON.stringify(lines(INITIALIZE))});
      await stdin.flush();
      console.log(server.pid);
      setInterval(() => {}, 1000);
    `),
  ]);
  const server = Number(await firstLine(agent));
  await until("the server is up", () => readFileSync(out, "utf8").includes("portclaim"));
  return { agent, server };
}

test("a directory can't run code in a server, or set its variables", async () => {
  await using world = new McpWorld();
  writeFileSync(join(world.cwd, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(join(world.cwd, "evil.ts"), 'console.log("evil"); process.exit(7);\n');
  mkdirSync(world.path("elsewhere"));
  writeFileSync(join(world.cwd, ".env"), `PORTCLAIM_HOME=${world.path("elsewhere")}\n`);
  const input = lines(INITIALIZE, call(1, "acquire", { service: "web" }));
  const { out } = await world.exec([...SERVERS.binary], { input });
  expect(await world.claim(portOf(read(out).find(({ id }) => id === 1)))).toBeDefined();
});
