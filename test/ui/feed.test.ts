import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { openRegistry } from "../../registry/store/registry.ts";
import { Feed } from "../../ui/server/feed.ts";
import { startForeign } from "../foreign.ts";
import { until, type World } from "../harness.ts";
import { PoolWorld } from "../pool.ts";

const TRUSTED = { isTrusted: true };

/** A feed, and how often it has opened the registry, which each look at it begins with. */
function countingFeed(world: World) {
  const counted = { looks: 0 };
  const open = () => {
    counted.looks++;
    return openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
  };
  return { feed: new Feed(open, 8484, "page"), counted };
}

/** A page that keeps what it is sent. */
function page() {
  const got: string[] = [];
  return {
    got,
    send: (text: string) => got.push(text) > 0,
    has: (text: string) => got.join("").includes(text),
  };
}

describe("the feed of a dashboard", () => {
  test("reads the registry once for twenty pages", async () => {
    await using world = new PoolWorld();
    const { feed, counted } = countingFeed(world);
    const pages = Array.from({ length: 20 }, page);
    const leave = pages.map(({ send }) => feed.subscribe(send, TRUSTED));
    await until("all have the snapshot", () => pages.every(({ has }) => has("event: snapshot")));
    expect(counted.looks).toBe(1);
    await world.acquire("--service", "seen");
    await until("all have the event", () => pages.every(({ has }) => has('"claimed"')));
    // A claim is a temporary file, a rename and a line of the history: three looks at most.
    expect(counted.looks).toBeLessThanOrEqual(4);
    leave.forEach((stop) => stop());
  });

  test("sends a later page the claims and the recent events", async () => {
    await using world = new PoolWorld();
    const { feed } = countingFeed(world);
    const [first, second] = [page(), page()];
    const leaveFirst = feed.subscribe(first.send, TRUSTED);
    await until("the first has the snapshot", () => first.has("snapshot"));
    await world.acquire("--service", "early");
    await until("it has the event", () => first.has("early"));
    const leaveSecond = feed.subscribe(second.send, TRUSTED);
    const [snapshot = ""] = second.got;
    expect(JSON.parse(snapshot.split("data: ")[1] ?? "")).toMatchObject({
      claims: [{ service: "early" }],
      recent: [{ event: "claimed", claim: { service: "early" } }],
    });
    leaveFirst();
    leaveSecond();
  });

  test("sends the history with the first snapshot", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("--service", "past", "--agent", "codex");
    await world.run(["release", `${port}`]);
    const { feed } = countingFeed(world);
    const first = page();
    const leave = feed.subscribe(first.send, TRUSTED);
    await until("it has the snapshot", () => first.has("snapshot"));
    expect(JSON.parse(first.got[0]?.split("data: ")[1] ?? "").history).toMatchObject([
      { port, kind: "starting", service: "past", text: "claimed by codex" },
      { port, kind: "gone", service: "past", text: expect.stringContaining("released by ") },
    ]);
    leave();
  });

  test("drops a page that has stopped reading", async () => {
    await using world = new PoolWorld();
    const { feed } = countingFeed(world);
    const [deaf, other] = [page(), page()];
    let asked = 0;
    const leaveDeaf = feed.subscribe(() => {
      asked++;
      return false;
    }, TRUSTED);
    const leave = feed.subscribe(other.send, TRUSTED);
    await until("the other has the snapshot", () => other.has("snapshot"));
    await world.acquire("--service", "more");
    await until("the other has the event", () => other.has('"more"'));
    expect([asked, deaf.got]).toEqual([1, []]);
    leaveDeaf();
    leave();
  });

  test("sends other machines no directories, commands or owner identities", async () => {
    await using world = new PoolWorld();
    mkdirSync(`${world.cwd}/.git`);
    const port = await world.acquire("--service", "secret");
    await startForeign(world, port);
    const { feed } = countingFeed(world);
    const guest = page();
    const leave = feed.subscribe(guest.send, { isTrusted: false });
    await until("it has the snapshot", () => guest.has("snapshot"));
    const snapshot = JSON.parse(guest.got[0]?.split("data: ")[1] ?? "");
    expect(snapshot.mayChange).toBe(false);
    expect(snapshot.claims).toMatchObject([{ service: "secret" }]);
    expect(guest.got.join("")).not.toContain(world.cwd);
    expect(snapshot.claims[0]).not.toHaveProperty("root");
    expect(snapshot.claims).toMatchObject([{ foreign: [{ command: null, cwd: null }] }]);
    expect(guest.got.join("")).not.toContain(`"owner"`);
    expect(Object.keys(snapshot.identity)).toEqual(["version", "host"]);
    expect([snapshot.history, snapshot.pool.branches]).toEqual([[], {}]);
    leave();
  });

  test("reports that the registry can't be read, to later pages too", async () => {
    const open = () => Promise.reject(new Error("Cannot read it"));
    const feed = new Feed(open, 8484, "page");
    const [first, second] = [page(), page()];
    const leaveFirst = feed.subscribe(first.send, TRUSTED);
    await until("the first has the problem", () => first.has('"problem":"Cannot read it"'));
    const leaveSecond = feed.subscribe(second.send, TRUSTED);
    expect(second.has('"problem":"Cannot read it"')).toBe(true);
    leaveFirst();
    leaveSecond();
  });
});
