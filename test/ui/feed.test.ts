import { describe, expect, test } from "bun:test";
import { openRegistry } from "../../registry/store/registry.ts";
import { Feed } from "../../ui/server/feed.ts";
import { until, type World } from "../harness.ts";
import { ownPool } from "./dashboard.ts";

const HOME = { isHome: true };

/** A feed that counts how often the registry is opened, which each look begins with. */
function countingFeed(world: World) {
  const counted = { looks: 0 };
  const open = () => {
    counted.looks++;
    return openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
  };
  return { feed: new Feed(open, 8484, "page"), counted };
}

/** A page that keeps what it is told. */
function page() {
  const told: string[] = [];
  return {
    told,
    send: (text: string) => told.push(text) > 0,
    has: (text: string) => told.join("").includes(text),
  };
}

describe("the feed of a dashboard", () => {
  test("looks once for twenty pages", async () => {
    await using world = ownPool();
    const { feed, counted } = countingFeed(world);
    const pages = Array.from({ length: 20 }, page);
    const leave = pages.map(({ send }) => feed.subscribe(send, HOME));
    await until("all have been told", () => pages.every(({ has }) => has("event: snapshot")));
    expect(counted.looks).toBe(1);
    await world.acquire("--service", "seen");
    await until("all have heard of it", () => pages.every(({ has }) => has('"claimed"')));
    // A claim is a temporary file, a rename, and the port that is remembered: two looks at most.
    expect(counted.looks).toBeLessThanOrEqual(4);
    leave.forEach((stop) => stop());
  });

  test("tells a page that comes later all that there is, and what happened lately", async () => {
    await using world = ownPool();
    const { feed } = countingFeed(world);
    const [first, second] = [page(), page()];
    const leaveFirst = feed.subscribe(first.send, HOME);
    await until("the first has been told", () => first.has("snapshot"));
    await world.acquire("--service", "early");
    await until("it hears of a claim", () => first.has("early"));
    const leaveSecond = feed.subscribe(second.send, HOME);
    const [snapshot = ""] = second.told;
    expect(JSON.parse(snapshot.split("data: ")[1] ?? "")).toMatchObject({
      claims: [{ service: "early" }],
      recent: [{ event: "claimed", claim: { service: "early" } }],
    });
    leaveFirst();
    leaveSecond();
  });

  test("lets go of a page that takes nothing any more", async () => {
    await using world = ownPool();
    const { feed } = countingFeed(world);
    const [deaf, other] = [page(), page()];
    let asked = 0;
    const leaveDeaf = feed.subscribe(() => {
      asked++;
      return false;
    }, HOME);
    const leave = feed.subscribe(other.send, HOME);
    await until("the other is told", () => other.has("snapshot"));
    await world.acquire("--service", "more");
    await until("the other hears of it", () => other.has('"more"'));
    expect([asked, deaf.told]).toEqual([1, []]);
    leaveDeaf();
    leave();
  });

  test("tells other machines no directory, no command and no identity", async () => {
    await using world = ownPool();
    const port = await world.listen();
    await world.acquire("--service", "secret", "--prefer", String(port + 1));
    const { feed } = countingFeed(world);
    const guest = page();
    const leave = feed.subscribe(guest.send, { isHome: false });
    await until("it has been told", () => guest.has("snapshot"));
    const snapshot = JSON.parse(guest.told[0]?.split("data: ")[1] ?? "");
    expect(snapshot.mayChange).toBe(false);
    expect(snapshot.claims).toMatchObject([{ service: "secret" }]);
    expect(guest.told.join("")).not.toContain(world.cwd);
    expect(guest.told.join("")).not.toContain(`"owner"`);
    leave();
  });

  test("says so when the registry can't be read, to who comes later too", async () => {
    const open = () => Promise.reject(new Error("Cannot read it"));
    const feed = new Feed(open, 8484, "page");
    const [first, second] = [page(), page()];
    const leaveFirst = feed.subscribe(first.send, HOME);
    await until("the first is told", () => first.has('"problem":"Cannot read it"'));
    const leaveSecond = feed.subscribe(second.send, HOME);
    expect(second.has('"problem":"Cannot read it"')).toBe(true);
    leaveFirst();
    leaveSecond();
  });
});
