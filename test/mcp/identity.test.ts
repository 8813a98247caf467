import { describe, expect, test } from "bun:test";
import { mkdirSync, rmdirSync, symlinkSync } from "node:fs";
import { PORTCLAIM, script } from "../harness.ts";
import { Connection, McpWorld, SERVERS } from "./connection.ts";

describe("a claim's agent", () => {
  const cases: [string, Record<string, string>, string, string | undefined][] = [
    ["is the client's", {}, "codex-mcp-client", "codex"],
    ["is none for a client without a name", {}, "  ", undefined],
    ["is PORTCLAIM_AGENT, if set", { PORTCLAIM_AGENT: "mine" }, "codex-mcp-client", "mine"],
  ];
  test.concurrent.each(cases)("%s", async (_, env, name, agent) => {
    await using world = new McpWorld(env);
    await using connection = await Connection.open(world, { name });
    const { data } = await connection.call("acquire", { service: "web" });
    expect(data["claim"].agent).toBe(agent);
  });
});

describe("a claim's directory", () => {
  const claimed = async (connection: Connection, args = {}) => {
    const { data } = await connection.call("acquire", { service: "web", ...args });
    return { cwd: data["claim"].cwd, project: data["claim"].project };
  };

  test("is the server's, if the client reports no roots", async () => {
    await using world = new McpWorld();
    await using connection = await Connection.open(world);
    expect(await claimed(connection)).toEqual({ cwd: world.cwd, project: "my-app" });
  });

  test("is the client's first root that is a directory, and follows it", async () => {
    await using world = new McpWorld();
    for (const name of ["sh op", "blog"]) mkdirSync(world.path(name));
    const roots = [world.path("gone"), world.path("sh op")];
    await using connection = await Connection.open(world, { roots });
    expect(await claimed(connection)).toEqual({ cwd: world.path("sh op"), project: "a project" });
    roots.splice(0, 2, world.path("blog"));
    await connection.client.sendRootsListChanged();
    expect(await claimed(connection)).toEqual({ cwd: world.path("blog"), project: "blog" });
    roots.splice(0, 1);
    await connection.client.sendRootsListChanged();
    expect(await claimed(connection)).toEqual({ cwd: world.cwd, project: "my-app" });
  });

  test("is the cwd argument rather than a root, without symbolic links", async () => {
    await using world = new McpWorld();
    mkdirSync(world.path("real"));
    symlinkSync(world.path("real"), world.path("link"));
    await using connection = await Connection.open(world, { roots: [world.cwd] });
    const cwd = world.path("link");
    expect(await claimed(connection, { cwd })).toEqual({
      cwd: world.path("real"),
      project: "real",
    });
  });

  test("must be given if the server's was removed", async () => {
    await using world = new McpWorld();
    mkdirSync(world.path("gone"));
    await using connection = await Connection.open(world, { cwd: world.path("gone") });
    rmdirSync(world.path("gone"));
    const { data } = await connection.call("acquire", { service: "web" });
    expect(data["error"]).toMatchObject({ code: "invalid" });
    expect(data["hint"]).toContain("cwd");
    expect(await claimed(connection, { cwd: world.cwd })).toMatchObject({ cwd: world.cwd });
  });

  test("decides which of two services with the same name is meant", async () => {
    await using world = new McpWorld();
    mkdirSync(world.path("shop"));
    await using connection = await Connection.open(world);
    await connection.acquire({ service: "web" });
    const there = await connection.acquire({ service: "web", cwd: world.path("shop") });
    const found = await connection.call("find", { service: "web", cwd: world.path("shop") });
    expect(found.data).toMatchObject({ port: there });
    const { data } = await connection.call("release", { service: "web", cwd: world.path("shop") });
    expect(data["released"]).toMatchObject([{ port: there }]);
  });
});

/** An agent: it starts the server, passes calls on to it, and runs shell commands. */
const AGENT = `
  const [command] = process.argv.slice(1);
  const server = Bun.spawn(JSON.parse(command), { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const lines = async function* (stream) {
    let text = "";
    for await (const chunk of stream) {
      text += new TextDecoder().decode(chunk);
      for (let end; (end = text.indexOf("\\n")) >= 0; text = text.slice(end + 1)) yield text.slice(0, end);
    }
  };
  const answers = lines(server.stdout);
  let id = 0;
  const ask = async (method, params) => {
    server.stdin.write(JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }) + "\\n");
    await server.stdin.flush();
    return JSON.parse((await answers.next()).value).result;
  };
  await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "fake", version: "1" } });
  for await (const line of lines(Bun.stdin.stream())) {
    const { tool, args, shell } = JSON.parse(line);
    const done = shell
      ? await new Response(Bun.spawn(["sh", "-c", shell], { stdout: "pipe" }).stdout).text()
      : (await ask("tools/call", { name: "portclaim_" + tool, arguments: args })).structuredContent;
    console.log(JSON.stringify({ pid: process.pid, done }));
  }
`;

/** Starts such an agent; it exits at the end of its stdin, and its server with it. */
function startAgent(world: McpWorld, command: readonly string[]) {
  const child = world.spawn([...script(AGENT), JSON.stringify(command)]);
  const answers = (async function* () {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of child.stdout as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk);
      for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1))
        yield JSON.parse(text.slice(0, end)) as { pid: number; done: any };
    }
  })();
  const tell = async (what: object) => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
    await child.stdin.flush();
    const { value } = await answers.next();
    return value as { pid: number; done: any };
  };
  return { child, tell };
}

describe("the owner of a server's claims", () => {
  const shells = (command: readonly string[]) => ["sh", "-c", `${command.join(" ")}; exit`];
  test.each([
    ["started directly", SERVERS.binary],
    ["started through a shell", shells(SERVERS.binary)],
  ])("is the agent that started it, as for the agent's shell: %s", async (_how, command) => {
    await using world = new McpWorld();
    const { tell } = startAgent(world, command);
    const { pid, done } = await tell({ tool: "acquire", args: { service: "web" } });
    const claim = await world.claim(done.port);
    expect(claim).toMatchObject({ pid, agent: "fake", cwd: world.cwd });
    expect(claim?.owner).not.toHaveProperty("shell");
    expect(claim?.owner).not.toHaveProperty("throwaway");
    const shell = await tell({ shell: `${PORTCLAIM.join(" ")} acquire --service api` });
    expect((await world.claim(Number(shell.done)))?.pid).toBe(pid);
    // Both have the same owner, so the server may release the shell's claim from another directory.
    const freed = await tell({ tool: "release", args: { port: Number(shell.done), cwd: "/" } });
    expect(freed.done).toMatchObject({ ok: true });
  });

  test("stays the same when the server is restarted: its claims are kept and reused", async () => {
    await using world = new McpWorld();
    let port: number;
    {
      await using first = await Connection.open(world);
      port = await first.acquire({ service: "web" });
    }
    expect(await world.list()).toMatchObject([{ port, state: "starting", pid: process.pid }]);
    await using second = await Connection.open(world);
    const { data } = await second.call("acquire", { service: "web", reuse: true });
    expect(data).toMatchObject({ port, how: "reused" });
    const freed = await second.call("release", { service: "web" });
    expect(freed.data["released"]).toMatchObject([{ port }]);
  });

  test("ends its claims when it exits", async () => {
    await using world = new McpWorld();
    world.configure('[reap]\ngrace = "0s"\n');
    const { child, tell } = startAgent(world, SERVERS.binary);
    const { done } = await tell({ tool: "acquire", args: { service: "web" } });
    child.kill("SIGKILL");
    await child.exited;
    await using other = await Connection.open(world);
    const { data } = await other.call("acquire", {
      service: "api",
      prefer: done.port,
      exact: true,
    });
    expect(data).toMatchObject({ port: done.port, how: "new" });
  });
});
