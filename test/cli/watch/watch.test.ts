import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { firstLine, PORTCLAIM, until, World } from "../../harness.ts";
import { Terminal } from "../../terminal.ts";
import { Watcher } from "./watcher.ts";

// A change that the kernel doesn't report is seen with the next look, a second and a half later:
// most of these tests wait, so they wait together.
setDefaultTimeout(60_000);

test.concurrent("claims, changes and releases are reported as they happen", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  await watcher.until("web is claimed", ({ claim }) => claim.service === "web");
  await world.listen(port);
  await watcher.until("web listens", ({ claim }) => claim.state === "listening");
  await world.stopListening();
  await watcher.until("web stopped", () => watcher.story("web").length === 3);
  await world.run(["release", String(port)]);
  const { at, claim } = await watcher.until("it is over", (e) => e.event === "released");
  expect(watcher.story("web")).toEqual([
    "claimed starting",
    "changed listening",
    "changed starting",
    "released starting",
  ]);
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
  expect(claim).toMatchObject({ port, pid: process.pid });
});

test.concurrent("a line holds event, at, reason and claim, in this order", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const orders = watcher.events.map((event) => Object.keys(event));
  expect(orders).toEqual([["event", "at", "reason", "claim"]]);
});

test.concurrent("without --initial, existing claims aren't reported", async () => {
  await using world = new World();
  await world.acquire("--service", "before");
  const watcher = new Watcher(world);
  let last = 0;
  await until("it tells of something", async () => {
    await world.acquire("--service", `after-${++last}`);
    return watcher.events.length > 0;
  });
  expect(watcher.story("before")).toEqual([]);
});

describe("the directory", () => {
  test.concurrent("need not be there when it starts", async () => {
    await using world = new World();
    rmSync(world.home, { recursive: true });
    const watcher = new Watcher(world, "--initial");
    expect((await world.run(["init"])).code).toBe(0);
    await world.acquire("--service", "web");
    await watcher.until("web is claimed", ({ claim }) => claim.service === "web");
    expect(await watcher.agrees()).toHaveLength(1);
  });

  test.concurrent("may be deleted and made again, and again", async () => {
    await using world = new World();
    const watcher = await Watcher.start(world);
    for (const service of ["one", "two"]) {
      rmSync(world.home, { recursive: true });
      await until("all is gone", () => watcher.replay().length === 0);
      await world.acquire("--service", service);
      await watcher.until(`${service} is claimed`, ({ claim }) => claim.service === service);
    }
    expect(await watcher.agrees()).toHaveLength(1);
  });

  test.concurrent("may be swapped for another in one go", async () => {
    await using world = new World();
    const watcher = await Watcher.start(world);
    const other = world.path("other");
    await world.run(["acquire", "--service", "moved"], { env: { PORTCLAIM_HOME: other } });
    renameSync(world.home, world.path("away"));
    renameSync(other, world.home);
    await watcher.until("moved is claimed", ({ claim }) => claim.service === "moved");
    expect(await watcher.agrees()).toHaveLength(1);
  });
});

describe("it exits quietly when its reader has exited", () => {
  const end = async (child: Bun.Subprocess<"pipe", "pipe", "pipe">) => {
    const err = await new Response(child.stderr).text();
    return { err, code: await child.exited };
  };

  test.concurrent("with the next event", async () => {
    await using world = new World();
    const line = '"$@" watch --initial --json | head -n 1';
    const child = world.spawn(["sh", "-c", line, "sh", ...PORTCLAIM]);
    await world.acquire("--service", "web");
    await world.acquire("--service", "api");
    expect(await end(child)).toEqual({ err: "", code: 0 });
  });

  test.concurrent("even if nothing happens any more", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    const line = '{ "$@" watch --initial --json; echo "ended with $?" >&2; } | head -n 1';
    const child = world.spawn(["sh", "-c", line, "sh", ...PORTCLAIM]);
    expect(await end(child)).toEqual({ err: "ended with 1\n", code: 0 });
  });
});

test.concurrent("on a terminal each event is a line", async () => {
  await using world = new World();
  const web = await world.acquire("--service", "web");
  await using terminal = new Terminal(world, [...PORTCLAIM, "watch", "--initial"]);
  const first = await terminal.shows(/\n/);
  const api = await world.acquire("--service", "api", "--agent", "codex");
  const all = await terminal.shows(/\n[^\n]*\n/);
  const second = all.slice(first.length);
  expect(first).toMatch(new RegExp(`^[\\d:]{8} +claimed +${web} +web in my-app.*\r\n$`));
  expect(second).toMatch(new RegExp(`^[\\d:]{8} +claimed +${api} +api in my-app.*codex.*\r\n$`));
});

test.concurrent("a claim's text can't drive the terminal or break a line", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  const claim = await world.claim(port);
  const planted = { ...claim, service: "a\n{}\u001b[2J" };
  await Bun.write(`${world.home}/claims/${port}.json`, JSON.stringify(planted));
  await watcher.until("it changed", (event) => event.claim.service === planted.service);
});

test.concurrent("a file that becomes unreadable is reported once, and its claim as released because of it", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  await watcher.until("web is claimed", ({ claim }) => claim.service === "web");
  await Bun.write(`${world.home}/claims/${port}.json`, "{");
  const { reason } = await watcher.until("it went", ({ event }) => event === "released");
  expect(reason).not.toBe("released");
  await world.acquire("--service", "later");
  await watcher.until("later is claimed", ({ claim }) => claim.service === "later");
  watcher.process.kill();
  await watcher.ended;
  const lines = await until("it said so", () => watcher.err);
  expect(lines.match(new RegExp(`\\b${port}\\b`, "g"))).toHaveLength(1);
});

describe("a config that is malformed", () => {
  test.concurrent("from the start is a warning", async () => {
    await using world = new World();
    await Bun.write(`${world.home}/config.toml`, "][");
    const { stderr } = world.spawn([...PORTCLAIM, "watch", "--json"]);
    expect(await firstLine({ stdout: stderr })).toMatch(/warning: .*config\.toml:1: /);
  });

  test.concurrent("later is reported, and the watch continues once it is fixed", async () => {
    await using world = new World();
    const watcher = await Watcher.start(world);
    await Bun.write(`${world.home}/config.toml`, "][");
    await until(
      "acquire refuses",
      async () => (await world.run(["acquire", "--service", "x"])).code,
    );
    // A claim of another program: portclaim itself would refuse for the config.
    const [first] = watcher.events;
    const planted = { ...first?.claim, port: 65_000, service: "planted" };
    await Bun.write(`${world.home}/claims/65000.json`, JSON.stringify(planted));
    rmSync(`${world.home}/config.toml`);
    await watcher.until("planted is claimed", ({ claim }) => claim.service === "planted");
  });
});
