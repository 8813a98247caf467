import { describe, expect, test } from "bun:test";
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exists } from "../../native/posix/exists.ts";
import { firstLine, ROOT, script, until } from "../harness.ts";
import { McpWorld, PATIENT, SERVERS } from "./connection.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  },
};

const call = (id: number | string, tool: string, args: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: `portclaim_${tool}`, arguments: args },
});

const lines = (...messages: (object | string)[]) =>
  messages.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join("");

const read = (out: string): any[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** A server that is sent raw lines. */
class RawServer {
  readonly child;
  #text = "";

  constructor(world: McpWorld, command: readonly string[] = SERVERS.binary) {
    this.child = world.spawn([...command]);
    void this.#collect();
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stdout as unknown as AsyncIterable<Uint8Array>)
      this.#text += decoder.decode(chunk, { stream: true });
  }

  async send(...messages: (object | string)[]): Promise<void> {
    this.child.stdin.write(lines(...messages));
    await this.child.stdin.flush();
  }

  /** Every answer so far. Throws if anything but JSON was printed. */
  get answers(): any[] {
    return read(this.#text.slice(0, this.#text.lastIndexOf("\n") + 1));
  }

  async answer(id: number | string | null): Promise<any> {
    return await until(`there is an answer to ${id}`, () =>
      this.answers.find((one) => one.id === id),
    );
  }
}

const portOf = (answer: any): number => answer.result.structuredContent.port;

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

/** A server with more responses than the pipe to its client holds, which no one reads. */
async function startUnread(world: McpWorld, timeouts: { lastCalls: number; unread: number }) {
  const path = world.path("unread");
  Bun.spawnSync(["mkfifo", path]);
  const pipe = openSync(path, constants.O_RDWR);
  const program = script(`
    import { openRegistry } from "${ROOT}/registry/store/registry.ts";
    import { serveStdio } from "${ROOT}/mcp/stdio/serve.ts";
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: process.env.PORTCLAIM_HOME } });
    const host = { version: "1", open, agent: undefined, directory: () => process.cwd(), log: console.error };
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
