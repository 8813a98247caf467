import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { startForeign } from "../foreign.ts";
import { until, World } from "../harness.ts";
import { serving, Stage } from "../registry/servers.ts";

/** A browser that writes down the URL that it was given. */
function withBrowser(world: World): Record<string, string> {
  const file = world.path("opened");
  const path = world.write(
    "browser",
    `#!/bin/sh\necho "$1" > ${file}.new && mv ${file}.new ${file}\n`,
  );
  return { BROWSER: path };
}

const opened = (world: World) =>
  until("the browser has the URL", async () => {
    const file = Bun.file(world.path("opened"));
    return (await file.exists()) && (await file.text());
  });

describe("url", () => {
  test("prints a service's URL alone, and more with --json", async () => {
    await using world = new World();
    const port = await world.acquire("web");
    const url = `http://localhost:${port}`;
    expect(await world.run(["url", "web"])).toEqual({ code: 0, out: `${url}\n`, err: "" });
    expect(JSON.parse((await world.run(["url", "web", "--json"])).out)).toEqual({
      url,
      port,
      service: "web",
    });
    expect((await world.run(["url", "3000"])).out).toBe("http://localhost:3000\n");
  });

  test("without an argument, prints that of the only claim here", async () => {
    await using world = new World();
    expect(await world.run(["url"])).toMatchObject({ code: 4, out: "" });
    const web = await world.acquire("web");
    expect((await world.run(["url"])).out).toBe(`http://localhost:${web}\n`);
    const api = await world.acquire("api");
    const { code, out, err } = await world.run(["url"]);
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toStartWith("portclaim: several servers here: ");
    expect(err).toEndWith("\nhint: name one of them\n");
    await world.listen(api);
    expect((await world.run(["url"])).out).toBe(`http://localhost:${api}\n`);
  });

  test("of a service in another checkout is refused unless its project is named", async () => {
    await using world = new World();
    const [shop, blog] = [world.path("shop"), world.path("blog")];
    for (const path of [shop, blog]) mkdirSync(`${path}/.git`, { recursive: true });
    const { out } = await world.run(["acquire", "web"], { cwd: shop });
    expect((await world.run(["url", "web"], { cwd: shop })).out).toBe(`http://localhost:${out}`);
    expect(await world.run(["url", "web"], { cwd: blog })).toMatchObject({ code: 4, out: "" });
    const named = await world.run(["url", "web", "--project", "shop"], { cwd: blog });
    expect(named.out).toBe(`http://localhost:${out}`);
  });

  test("of a claim that only a foreign process listens on is refused", async () => {
    await using world = new World();
    const owner = world.spawn(["sleep", "60"]);
    const port = await world.acquire("web", "--pid", `${owner.pid}`);
    const pid = await startForeign(world, port);
    const { code, out, err } = await world.run(["url", "web"]);
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toMatch(
      new RegExp(`^portclaim: web isn't running: bun.* \\(pid ${pid}\\) listens on port ${port}\n`),
    );
    expect(err).toEndWith(`hint: to see what uses the port: portclaim who ${port}\n`);
  });

  test("is the port that the server really listens on, in every command's JSON", async () => {
    await using stage = new Stage();
    const [port, other] = [stage.ports.next(), stage.ports.next()];
    stage.serve(["web", "--prefer", `${port}`, "--no-inject"], serving(other));
    await stage.listening(other);
    await until("list says so", async () => (await stage.web())?.elsewhere?.[0]);
    const url = `http://localhost:${other}`;
    const { out, err } = await stage.run(["url", "web"]);
    expect(out).toBe(`${url}\n`);
    expect(err).toContain(`web listens on ${other}, not on ${port}`);
    expect((await stage.run(["find", "web"])).out).toBe(`${port}\n`);
    expect(JSON.parse((await stage.run(["find", "web", "--json"])).out)).toMatchObject({ url });
    expect(JSON.parse((await stage.run(["list"])).out)).toMatchObject([{ url }]);
    expect(JSON.parse((await stage.run(["who", "web"])).out)).toMatchObject({ claim: { url } });
    const reused = await stage.run(["acquire", "web", "--reuse", "--json"]);
    expect(JSON.parse(reused.out)).toMatchObject({ port, url: expect.any(String) });
  });
});

describe("open", () => {
  test("opens a server in $BROWSER", async () => {
    await using world = new World();
    const port = await world.acquire("web");
    await world.listen(port);
    const url = `http://localhost:${port}`;
    const { code, err } = await world.run(["open", "web", "--text"], { env: withBrowser(world) });
    expect({ code, err }).toEqual({ code: 0, err: `portclaim: opening ${url}\n` });
    expect(await opened(world)).toBe(`${url}\n`);
  });

  test("fails if nothing listens", async () => {
    await using world = new World();
    const port = await world.acquire("web");
    const { code, err } = await world.run(["open", "--text"], { env: withBrowser(world) });
    expect(code).toBe(4);
    expect(err).toStartWith(
      `portclaim: web isn't running: nothing listens on port ${port}\nhint: `,
    );
  });

  test("without a browser, fails and says what to open", async () => {
    await using world = new World();
    const port = await world.listen();
    const tools = { PATH: world.path("tools") };
    const { code, err } = await world.run(["open", `${port}`, "--text"], { env: tools });
    expect(code).toBe(1);
    expect(err).toBe(`portclaim: no browser found\nhint: open http://localhost:${port}\n`);
  });
});
