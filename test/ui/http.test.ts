import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { BINARY, firstLine, PORTCLAIM, until, World } from "../harness.ts";
import { PoolWorld } from "../pool.ts";
import { Dashboard } from "./dashboard.ts";

const fetchText = (url: string) => fetch(url).then((answer) => answer.text());

describe("portclaim http", () => {
  test("prints its URL, and serves the same page from source as built", async () => {
    const pages: string[] = [];
    for (const program of [PORTCLAIM, [BINARY]]) {
      await using world = new PoolWorld();
      const port = String(world.ownPort);
      const child = world.spawn([...program, "http", "--port", port, "--json"], { cwd: "/" });
      const said = await readJson(child);
      expect(said).toMatchObject({
        url: `http://127.0.0.1:${port}/`,
        bind: "127.0.0.1",
        pid: child.pid,
      });
      pages.push(await fetchText(said.url));
    }
    expect(pages[0]).toContain("<title>portclaim</title>");
    expect(pages[1]).toBe(pages[0] ?? "");
  });

  test("a port in use: names the process, and what to type", async () => {
    await using world = new World();
    const port = await world.listen();
    const { code, out, err } = await world.run(["http", "--port", String(port)]);
    expect([code === 0, out]).toEqual([false, ""]);
    expect(err).toContain(`port ${port}`);
    expect(err).toContain(`pid ${process.pid}`);
    expect(err).toContain("--port auto");
  });

  test("a port in use on ::1 alone is taken, as localhost may resolve to it", async () => {
    await using world = new World();
    const port = await world.listen(0, "::1");
    const { code, err } = await world.run(["http", "--port", String(port)]);
    expect([code === 0, err.includes(`pid ${process.pid}`)]).toEqual([false, true]);
  });

  test("a claimed port on which nothing listens yet is taken", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("--service", "coming", "--agent", "codex");
    const { code, err } = await world.run(["http", "--port", String(port)]);
    expect(code).not.toBe(0);
    expect(JSON.parse(err).error.message).toMatch(/codex.*coming/);
  });

  test("--port auto takes the next free port", async () => {
    await using world = new World();
    const one = world.spawn([...PORTCLAIM, "http", "--port", "auto", "--json"]);
    const first = await readJson(one);
    const claimed = await world.acquire("--service", "web", "--prefer", String(first.port + 1));
    const other = world.spawn([...PORTCLAIM, "http", "--port", "auto", "--json"]);
    const second = await readJson(other);
    expect(first.port).toBeGreaterThanOrEqual(8484);
    expect(second.port).toBeGreaterThan(first.port);
    expect(second.port).not.toBe(claimed);
  });

  test("--open opens the browser there", async () => {
    const world = new PoolWorld();
    const opened = fakeBrowser(world);
    await using dashboard = await Dashboard.start(world, "--open");
    expect(await opened()).toBe(`http://127.0.0.1:${dashboard.port}/`);
  });

  test("--open without a browser prints the URL", async () => {
    await using world = new PoolWorld({ PATH: "/nonexistent" });
    const port = world.ownPort;
    const child = world.spawn([...PORTCLAIM, "http", "--port", String(port), "--open"]);
    expect(await firstLine({ stdout: child.stderr })).toContain(`http://127.0.0.1:${port}/`);
  });

  const malformed = [
    ["--port", "0"],
    ["--port", "next"],
    ["--bind", "example.com"],
    ["--bind", "1.2.3"],
    ["--bind", "256.1.1.1"],
    ["--bind", ""],
  ];
  test.each(malformed)("%s %p is refused", async (flag, value) => {
    await using world = new World();
    const { code, err } = await world.run(["http", flag ?? "", value ?? ""]);
    expect([code, JSON.parse(err).error.code]).toEqual([2, "usage"]);
  });

  test("an address of another machine is refused", async () => {
    await using world = new PoolWorld();
    const args = ["http", "--port", String(world.ownPort), "--bind", "192.0.2.1"];
    const { code, err } = await world.run(args);
    expect(code).not.toBe(0);
    expect(err).toContain("192.0.2.1");
  });

  test("a broken config is an error", async () => {
    await using world = new PoolWorld();
    world.configure("nonsense");
    const { code, err } = await world.run(["http", "--port", String(world.ownPort)]);
    expect([code === 0, err.includes("config.toml")]).toEqual([false, true]);
  });
});

describe("a second portclaim http", () => {
  test("of the same registry prints where the dashboard is, opens it, and succeeds", async () => {
    const world = new PoolWorld();
    const opened = fakeBrowser(world);
    await using dashboard = await Dashboard.start(world);
    const args = ["http", "--port", String(dashboard.port), "--open"];
    const { code, out, err } = await world.run(args);
    expect([code, err.includes("already running")]).toEqual([0, true]);
    const { pid } = dashboard.process;
    const url = `http://127.0.0.1:${dashboard.port}/`;
    expect(JSON.parse(out)).toEqual({ url, port: dashboard.port, bind: "127.0.0.1", pid });
    expect(await opened()).toBe(url);
  });

  test("for another address fails, and says which address the dashboard has", async () => {
    await using dashboard = await Dashboard.start();
    const args = ["http", "--port", String(dashboard.port), "--bind", "0.0.0.0"];
    const { code, err } = await dashboard.world.run(args);
    expect([code, err.includes("127.0.0.1")]).toEqual([2, true]);
  });

  test("of another registry fails, and says which registry the dashboard is of", async () => {
    await using dashboard = await Dashboard.start();
    await using other = new PoolWorld();
    const { code, err } = await other.run(["http", "--port", String(dashboard.port)]);
    expect([code, err.includes(dashboard.world.home)]).toEqual([2, true]);
  });

  const impostors: [string, number, object, string][] = [
    ["another user's dashboard", 403, { error: { code: "other-user" } }, "another user"],
    ["a process that only claims to be it", 200, { name: "portclaim", pid: 1 }, "in use by bun"],
    ["a server that answers otherwise", 200, {}, "in use by bun"],
  ];
  test.each(impostors)("on a port of %s fails", async (_, status, answer, message) => {
    await using world = new PoolWorld();
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () =>
        Response.json({ bind: "127.0.0.1", registry: world.home, ...answer }, { status }),
    });
    const { code, err } = await world.run(["http", "--port", String(server.port)]);
    expect([code, err.includes(message)]).toEqual([2, true]);
  });
});

/** Makes a world's browser write down what it is asked to open; returns that, once it has been. */
function fakeBrowser(world: World) {
  const bin = world.path("bin");
  mkdirSync(bin);
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  writeFileSync(`${bin}/${opener}`, `#!/bin/sh\necho "$@" > ${world.path("opened")}\n`);
  chmodSync(`${bin}/${opener}`, 0o755);
  world.env["PATH"] = `${bin}:${world.env["PATH"]}`;
  return () =>
    until("the browser is open", async () => {
      const file = Bun.file(world.path("opened"));
      return (await file.exists()) && (await file.text()).trim();
    });
}

async function readJson({ stdout }: { stdout: ReadableStream<Uint8Array> }) {
  let text = "";
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n}")) break;
  }
  return JSON.parse(text) as { url: string; port: number };
}
