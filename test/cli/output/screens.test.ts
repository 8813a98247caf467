import { expect, test } from "bun:test";
import { PORTCLAIM, until, World } from "../../harness.ts";
import { accepts, serving, Stage } from "../../registry/servers.ts";
import { Terminal } from "../../terminal.ts";

test("run says where the server will be, but only on a terminal", async () => {
  await using world = new World();
  const run = [...PORTCLAIM, "run", "web", "api", "--", "echo", "{port}", "{api.port}"];
  await using terminal = new Terminal(world, run, 80);
  const shown = await terminal.all();
  const [web, api] = shown.trim().split("\n").at(-1)?.split(" ") ?? [];
  expect(shown).toBe(
    `portclaim: web → http://localhost:${web}\nportclaim: api → http://localhost:${api}\n${web} ${api}\n`,
  );
  expect((await world.exec(run)).err).toBe("");
});

test("wait says that a server is ready, and where", async () => {
  await using stage = new Stage();
  const port = stage.ports.next();
  stage.serve(["web", "--prefer", `${port}`], serving(port));
  const url = `http://localhost:${port}`;
  await until("it listens", () => accepts(port));
  expect((await stage.run(["wait", "web", "--text"])).out).toBe(`web is ready: ${url}\n`);
  const http = await stage.run(["wait", `${port}`, "--http", "/?x", "--text"]);
  expect(http.out).toBe(`port ${port} is ready: ${url}/?x\n`);
  expect(JSON.parse((await stage.run(["wait", "web"])).out)).toEqual({
    port,
    state: "accepting",
  });
  const free = stage.ports.next();
  expect((await stage.run(["wait", `${free}`, "--free", "--text"])).out).toBe(
    `nothing listens on port ${free}\n`,
  );
});

test("watch says that it watches before anything happens", async () => {
  await using world = new World();
  await world.acquire("web");
  await using terminal = new Terminal(world, [...PORTCLAIM, "watch"], 80);
  expect(await terminal.shows(/\n/)).toBe("portclaim: watching 1 claim; to stop: Ctrl-C\r\n");
});

test("doctor ends with a summary", async () => {
  await using world = new World();
  await world.run(["acquire", "web", "api"]);
  const { code, out } = await world.run(["doctor", "--text"]);
  expect(code).toBe(0);
  expect(out).toContain("2 claims kept, though nothing listens yet: ");
  expect(out).toEndWith("\nno problems found\n");
});

test("run says that a server may choose another port, and what it added", async () => {
  await using world = new World();
  world.write("my-app/node_modules/.bin/astro", "#!/bin/sh\necho served\n");
  const port = world.ports.next();
  const run = [...PORTCLAIM, "run", "web", "-p", `${port}`, "--", "astro", "dev"];
  await using terminal = new Terminal(world, run, 80);
  expect((await terminal.all()).split("\n")).toEqual([
    `portclaim: added --port ${port}`,
    "portclaim: astro may still choose another port; to see which: portclaim url web",
    `portclaim: web → http://localhost:${port}`,
    "served",
    "",
  ]);
});
