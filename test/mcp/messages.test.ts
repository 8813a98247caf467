import { describe, expect, test } from "bun:test";
import { closeSync, constants, openSync } from "node:fs";
import { ROOT, script } from "../harness.ts";
import { McpWorld, PATIENT, SERVERS } from "./connection.ts";
import { call, INITIALIZE, lines, portOf, RawServer, read } from "./raw-server.ts";

describe("a server survives", () => {
  test.concurrent("invalid messages, and reports them", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    await server.send(INITIALIZE, "nonsense", "[]", '"text"', '{"jsonrpc":"1.0","id":5}', "", "  ");
    await server.send({ jsonrpc: "2.0", id: 6, method: 7 }, call(1, "acquire", { service: "web" }));
    const port = portOf(await server.answer(1));
    const errors = server.answers.filter(({ error }) => error);
    expect(errors.map(({ id, error }) => [id, error.code])).toEqual([
      [null, -32700],
      [null, -32600],
      [null, -32600],
      [5, -32600],
      [6, -32600],
    ]);
    expect(await world.claim(port)).toBeDefined();
  });

  test.concurrent(
    "a line of 11 MB, and one of 9 MB",
    async () => {
      await using world = new McpWorld();
      const server = new RawServer(world);
      await server.send(INITIALIZE, "x".repeat(11 * 1024 * 1024));
      expect((await server.answer(null)).error).toMatchObject({ code: -32600 });
      await server.send(call("long", "find", { service: "y".repeat(9 * 1024 * 1024) }));
      const { result } = await server.answer("long");
      expect(result.structuredContent.error).toMatchObject({ code: "invalid" });
      expect(JSON.stringify(result).length).toBeLessThan(2000);
      await server.send(call(1, "acquire", { service: "web" }));
      expect(await world.claim(portOf(await server.answer(1)))).toBeDefined();
    },
    PATIENT,
  );

  test.concurrent("a message that arrives in pieces, cut within a character", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    const bytes = Buffer.from(lines(INITIALIZE, call(1, "acquire", { service: "wéb" })));
    const middle = bytes.indexOf("é") + 1;
    server.child.stdin.write(bytes.subarray(0, middle));
    await server.child.stdin.flush();
    await server.answer(0);
    server.child.stdin.write(bytes.subarray(middle));
    await server.child.stdin.flush();
    const port = portOf(await server.answer(1));
    expect((await world.claim(port))?.service).toBe("wéb");
  });

  const malformed: [method: string, params: unknown, code: number, problem: string][] = [
    ["tools/call", { name: "portclaim_list", arguments: [] }, -32602, "params.arguments"],
    ["tools/call", { name: "portclaim_list", arguments: "web" }, -32602, "params.arguments"],
    ["tools/call", { name: "portclaim_list", arguments: 7 }, -32602, "params.arguments"],
    ["tools/call", { name: 7 }, -32602, "params.name"],
    ["tools/call", {}, -32602, "params.name"],
    ["tools/call", undefined, -32602, "params"],
    ["tools/call", [], -32602, "params"],
    ["tools/call", "portclaim_list", -32602, "params"],
    ["tools/call", { name: "portclaim_list", _meta: 1 }, -32602, "params._meta"],
    ["tools/call", { name: "kill" }, -32602, '"kill"'],
    ["tools/list", { cursor: 7 }, -32602, "params.cursor"],
    ["resources/read", { uri: 7 }, -32602, "params.uri"],
    ["resources/subscribe", {}, -32602, "params.uri"],
    ["initialize", {}, -32602, "params.protocolVersion"],
    ["prompts/list", undefined, -32601, "not found"],
    ["constructor", {}, -32601, "not found"],
  ];
  test.concurrent("malformed requests, and says in one sentence what is wrong", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    const requests = malformed.map(([method, params], id) => ({
      jsonrpc: "2.0",
      id: id + 1,
      method,
      params,
    }));
    await server.send(INITIALIZE, ...requests, { jsonrpc: "2.0", id: "last", method: "ping" });
    await server.answer("last");
    for (const [index, [, , code, problem]] of malformed.entries()) {
      const { error } = await server.answer(index + 1);
      expect(error).toEqual({ code, message: expect.stringContaining(problem) });
      expect(error.message).not.toMatch(/\n|[{}]|Invalid input/);
    }
  });

  test.concurrent("unknown notifications", async () => {
    await using world = new McpWorld();
    const server = new RawServer(world);
    await server.send(INITIALIZE, { jsonrpc: "2.0", method: "notifications/unheard" });
    await server.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    expect(await server.answer(2)).toMatchObject({ result: {} });
  });
});

/** A server with more responses than the pipe to its client holds, which no one reads. */
async function startUnread(world: McpWorld, timeouts: { lastCalls: number; unread: number }) {
  const path = world.path("unread");
  Bun.spawnSync(["mkfifo", path]);
  const pipe = openSync(path, constants.O_RDWR);
  const program = script(`
    import { openRegistry } from "${ROOT}/registry/store/registry.ts";
    import { serveStdio } from "${ROOT}/mcp/stdio/serve.ts";
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: process.env.PORTCLAIM_HOME } });
    const host = { version: "1", open, openAnyway: open, agent: undefined, session: undefined, directory: () => process.cwd(), log: console.error };
    await serveStdio(host, ${JSON.stringify(timeouts)}).catch(({ code }) => console.error(code));
    process.exit(7);
  `);
  const child = world.spawn(program, { stdout: pipe } as object);
  closeSync(pipe);
  const list = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/list" });
  child.stdin.write(lines(INITIALIZE, ...Array.from({ length: 50 }, (_, i) => list(i + 1))));
  await child.stdin.flush();
  return child;
}

describe("a client that has stopped reading", () => {
  test.concurrent("is given up once it has read nothing for some time", async () => {
    await using world = new McpWorld();
    const server = await startUnread(world, { lastCalls: 60_000, unread: 200 });
    expect(await server.exited).toBe(7);
    expect(await new Response(server.stderr).text()).toBe("ETIMEDOUT\n");
  });

  test.concurrent("is given up when it closes stdin", async () => {
    await using world = new McpWorld();
    const server = await startUnread(world, { lastCalls: 200, unread: 60_000 });
    server.stdin.end();
    expect(await server.exited).toBe(7);
    expect(await new Response(server.stderr).text()).toBe("ETIMEDOUT\n");
  });

  test.concurrent("gets every response in order once it reads", async () => {
    await using world = new McpWorld();
    const child = world.spawn([...SERVERS.binary]);
    const ids = Array.from({ length: 200 }, (_, i) => i + 1);
    child.stdin.write(
      lines(INITIALIZE, ...ids.map((id) => ({ jsonrpc: "2.0", id, method: "tools/list" }))),
    );
    child.stdin.end();
    const text = await new Response(child.stdout).text();
    expect(read(text).map(({ id }) => id)).toEqual([0, ...ids]);
    expect(await child.exited).toBe(0);
  });
});
