import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { PORTCLAIM, until, World } from "../../harness.ts";
import { Watcher } from "./watcher.ts";

// What nothing hints at is seen with the next look, a second and a half later: most of these wait,
// so they wait together.
setDefaultTimeout(60_000);

test.concurrent("claims, changes and releases are told as they happen", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  await watcher.until("web is claimed", ({ claim }) => claim.service === "web");
  await world.listen(port);
  await watcher.until("web listens", ({ claim }) => claim.state === "listening");
  await world.stopListening();
  await watcher.until("web stopped", ({ reason }) => reason === "server stopped");
  await world.run(["release", String(port)]);
  const { at, reason, claim } = await watcher.until("it is over", (e) => e.event === "released");
  expect(watcher.story("web")).toEqual([
    "claimed starting",
    "changed listening",
    "changed starting",
    "released starting",
  ]);
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
  expect({ reason, port: claim.port, pid: claim.pid }).toEqual({
    reason: "released",
    port,
    pid: process.pid,
  });
});

test.concurrent("a line holds event, at, reason and claim, in this order", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const orders = watcher.events.map((event) => Object.keys(event));
  expect(orders).toEqual([["event", "at", "reason", "claim"]]);
});

test.concurrent("without --initial, what was claimed before is not told", async () => {
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

describe("the folder", () => {
  test.concurrent("need not be there when it starts", async () => {
    await using world = new World();
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

describe("it ends quietly when its reader has gone", () => {
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

  test.concurrent("though nothing happens any more", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    const line = '{ "$@" watch --initial --json; echo "ended with $?" >&2; } | head -n 1';
    const child = world.spawn(["sh", "-c", line, "sh", ...PORTCLAIM]);
    expect(await end(child)).toEqual({ err: "ended with 1\n", code: 0 });
  });
});

test.concurrent("people get a line each, in words", async () => {
  await using world = new World();
  const web = await world.acquire("--service", "web");
  const shown: string[] = [];
  const child = Bun.spawn([...PORTCLAIM, "watch", "--initial"], {
    cwd: world.cwd,
    env: world.env,
    terminal: { cols: 120, rows: 20, data: (_, bytes) => void shown.push(bytes.toString()) },
  });
  try {
    const lines = (count: number) =>
      until(`${count} lines are shown`, () => {
        const whole = shown.join("").split("\r\n").slice(0, -1);
        return whole.length >= count ? whole : undefined;
      });
    await lines(1);
    const api = await world.acquire("--service", "api", "--agent", "codex");
    expect((await lines(2)).map((line) => line.replace(/^\d\d:\d\d:\d\d  /, ""))).toEqual([
      `claimed   ${web}  web in my-app: claimed before`,
      `claimed   ${api}  api in my-app: claimed by codex`,
    ]);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
});

test.concurrent("a claim's text drives no terminal and breaks no line", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  const claim = await world.claim(port);
  const planted = { ...claim, service: "a\n{}\u001b[2J" };
  await Bun.write(`${world.home}/claims/${port}.json`, JSON.stringify(planted));
  await watcher.until("it changed", (event) => event.claim.service === planted.service);
});

test.concurrent("a file that can't be understood is told of once, and not taken for a release without a word", async () => {
  await using world = new World();
  const watcher = await Watcher.start(world);
  const port = await world.acquire("--service", "web");
  await watcher.until("web is claimed", ({ claim }) => claim.service === "web");
  await Bun.write(`${world.home}/claims/${port}.json`, "{");
  const { reason } = await watcher.until("it went", ({ event }) => event === "released");
  expect(reason).toContain("unreadable");
  await world.acquire("--service", "later");
  await watcher.until("later is claimed", ({ claim }) => claim.service === "later");
  watcher.process.kill();
  await watcher.ended;
  await until("it said so", () => watcher.err);
  expect(watcher.err.match(/unreadable/g)).toHaveLength(1);
});

describe("a config that is malformed", () => {
  test.concurrent("from the start ends it with the reason", async () => {
    await using world = new World();
    await world.run(["init"]);
    await Bun.write(`${world.home}/config.toml`, "][");
    const { code, err } = await world.run(["watch", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ error: { code: "config" } });
  });

  test.concurrent("later is told of, and the watch goes on once it is mended", async () => {
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
