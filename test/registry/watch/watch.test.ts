import { describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { openRegistry } from "../../../registry/store/registry.ts";
import {
  type ClaimEvent,
  type WatchUpdate,
  watchClaims,
  type WatchOptions,
} from "../../../registry/watch/watch.ts";
import { startForeign } from "../../foreign.ts";
import { PORTCLAIM, script, until, World } from "../../harness.ts";
import { PoolWorld } from "../../pool.ts";

/** Follows the registry of a world, until the end of the scope. */
class Follower implements AsyncDisposable {
  readonly looks: WatchUpdate[] = [];
  readonly failures: unknown[] = [];
  readonly #end = new AbortController();
  readonly #done: Promise<void>;

  constructor(world: World, watching: WatchOptions = {}) {
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
    const onError = (error: unknown) => this.failures.push(error);
    const options = { interval: 50, onError, ...watching, signal: this.#end.signal };
    this.#done = this.#follow(watchClaims(open, options));
  }

  static async start(world: World, watching: WatchOptions = {}): Promise<Follower> {
    const follower = new Follower(world, watching);
    await until("it has looked", () => follower.looks.length > 0);
    return follower;
  }

  async #follow(looks: AsyncIterable<WatchUpdate>): Promise<void> {
    for await (const look of looks) this.looks.push(look);
  }

  get events(): ClaimEvent[] {
    return this.looks.flatMap(({ events }) => events);
  }

  /** What happened so far, in words. */
  get story(): string[] {
    return this.events.map(({ event, reason, claim }) => `${event} ${claim.service}: ${reason}`);
  }

  hears(what: string | RegExp): Promise<unknown> {
    const isMeant = (line: string) => (what instanceof RegExp ? what.test(line) : line === what);
    return until(`it hears: ${what}`, () => this.story.some(isMeant));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#done;
  }
}

const LISTEN =
  "Bun.listen({ hostname: '127.0.0.1', port: Number(process.env.PORT), socket: { data() {} } })";

describe("a watcher of the registry", () => {
  test("begins with the existing claims, without events", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    await using follower = await Follower.start(world);
    expect(follower.looks[0]?.claims.map(({ service }) => service)).toEqual(["web"]);
    expect(follower.events).toEqual([]);
  });

  test("sees a claim and its release at once, even if it polls only once an hour", async () => {
    await using world = new World();
    await world.run(["acquire", "--service", "old"]);
    await using follower = await Follower.start(world, { interval: 3_600_000 });
    const port = await world.acquire("--service", "web", "--agent", "codex");
    await follower.hears("claimed web: claimed by codex");
    await world.run(["release", String(port)]);
    await follower.hears(/^released web: released by bun.* \(pid \d+\)$/);
    const [claimed, released] = follower.events;
    expect(claimed?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect([claimed?.claim.port, released?.claim.port]).toEqual([port, port]);
  });

  test("sees a server start, stop, start again, and die", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    const port = await world.acquire("--service", "web");
    await follower.hears("claimed web: claimed");
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const server = world.spawn(script(LISTEN), { env: { ...world.env, PORT: String(port) } });
      await until("it listens", () => follower.events.at(-1)?.claim.state === "listening");
      server.kill(signal);
      await until("it stopped", () => follower.events.at(-1)?.claim.state === "starting");
    }
    expect(follower.story).toEqual([
      "claimed web: claimed",
      "changed web: server started",
      "changed web: server stopped",
      "changed web: server started",
      "changed web: server stopped",
    ]);
  });

  test("sees that a server listens on another port than the claimed one, and that it stops", async () => {
    await using world = new PoolWorld();
    await using follower = await Follower.start(world);
    const listen = `Bun.listen({ hostname: '127.0.0.1', port: ${world.ownPort}, socket: { data() {} } })`;
    const service = ["run", "--service", "web", "--", ...script(listen)];
    const server = world.spawn([...PORTCLAIM, ...service]);
    await follower.hears(`changed web: server listens on ${world.ownPort} instead`);
    server.kill("SIGKILL");
    await follower.hears("changed web: its owner exited");
  });

  test("reports an occupied claim once, and not as its listener ages", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("--service", "web");
    await using follower = await Follower.start(world);
    await startForeign(world, port);
    await follower.hears("changed web: now occupied");
    await world.acquire("--service", "later");
    await follower.hears("claimed later: claimed");
    expect(follower.story).toHaveLength(2);
  });

  test("sees that an owner died, and who reaped its claim", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    const owner = world.spawn(["sleep", "60"]);
    await world.acquire("--service", "web", "--pid", String(owner.pid));
    await follower.hears("claimed web: claimed");
    owner.kill("SIGKILL");
    await follower.hears("changed web: its owner exited");
    await world.run(["reap"]);
    const why = `its owner sleep \\(pid ${owner.pid}\\) has exited`;
    await follower.hears(
      new RegExp(`^released web: reaped by bun.* \\(pid ${process.pid}\\): ${why}$`),
    );
  });

  test("sees why a claim ended whose port another one has already claimed", async () => {
    await using world = new World();
    const owner = world.spawn(["sleep", "60"]);
    const port = await world.acquire("web", "--pid", String(owner.pid));
    await using follower = await Follower.start(world, { interval: 3_600_000 });
    owner.kill("SIGKILL");
    await owner.exited;
    expect(await world.acquire("api", "--prefer", String(port))).toBe(port);
    await follower.hears("claimed api: claimed");
    await follower.hears(/^released web: reaped by .*: its owner sleep \(pid \d+\) has exited$/);
  });

  test("sees who stopped a server, and why another port was claimed", async () => {
    await using world = new World();
    const port = world.ports.next();
    await world.listen(port);
    await using follower = await Follower.start(world);
    const server = world.spawn([
      ...PORTCLAIM,
      "run",
      "web",
      "-p",
      `${port}`,
      "--",
      ...script(LISTEN),
    ]);
    await follower.hears(new RegExp(`^claimed web: claimed: ${port} is in use by `));
    await until("it listens", () => follower.events.at(-1)?.claim.state === "listening");
    expect(await world.run(["stop", "web"])).toMatchObject({ code: 0, err: "" });
    await follower.hears(/^released web: released by .*: its owner exited with its server$/);
    await server.exited;
  });

  test("sees who released a claim before that is in the history, however long it takes", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    const port = await world.acquire("web");
    await follower.hears("claimed web: claimed");
    // As if the call that releases it were stopped between the change and its line.
    const { at, project, cwd } = { at: new Date().toISOString(), ...(await world.claim(port)) };
    const about = { at, port, service: "web", project, cwd, agent: null };
    const events = [{ ...about, event: "released", by: "claude (pid 7)", reason: null }];
    appendFileSync(`${world.home}/.pending`, `${JSON.stringify({ port, after: null, events })}\n`);
    rmSync(`${world.home}/claims/${port}.json`);
    await follower.hears("released web: released by claude (pid 7)");
  });

  test("guesses the reason if the history has none", async () => {
    await using world = new World({ PORTCLAIM_HISTORY_SIZE: "0" });
    await using follower = await Follower.start(world);
    const port = await world.acquire("web");
    await follower.hears("claimed web: claimed");
    await world.run(["release", String(port)]);
    await follower.hears("released web: released");
  });

  test("sees one process take over from another on the same port", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    const port = await world.acquire("--service", "web");
    await follower.hears("claimed web: claimed");
    const first = world.spawn(script(LISTEN), { env: { ...world.env, PORT: String(port) } });
    await follower.hears("changed web: server started");
    first.kill("SIGKILL");
    await first.exited;
    world.spawn(script(LISTEN), { env: { ...world.env, PORT: String(port) } });
    const isOther = ({ claim }: ClaimEvent) =>
      claim.state === "listening" && claim.listeners[0]?.pid !== first.pid;
    await until("another listens", () => follower.events.some(isOther));
  });

  test("tells a claim that was replaced from one that was asked for again", async () => {
    await using world = new World();
    const port = await world.acquire("--service", "web");
    await using follower = await Follower.start(world);
    const claim = await world.claim(port);
    const replace = (changes: object) => {
      writeFileSync(`${world.home}/other`, JSON.stringify({ ...claim, ...changes }));
      renameSync(`${world.home}/other`, `${world.home}/claims/${port}.json`);
    };
    replace({ claimed_at: "2026-01-01T00:00:00.000000Z" });
    await follower.hears("changed web: acquired again");
    replace({ claimed_at: "2026-01-01T00:00:01.000000Z", service: "api" });
    await follower.hears("claimed api: claimed");
    expect(follower.story).toContain("released web: its port was claimed again");
  });

  test("sees a claim that becomes unreadable go, and says why", async () => {
    await using world = new World();
    const port = await world.acquire("--service", "web");
    await using follower = await Follower.start(world);
    writeFileSync(`${world.home}/claims/${port}.json`, "{");
    await follower.hears("released web: its file is unreadable: not JSON");
    expect(follower.looks.at(-1)?.unreadable).toMatchObject([{ port }]);
  });

  test("sees an unbound claim grow idle, by time alone", async () => {
    await using world = new World();
    mkdirSync(world.home, { mode: 0o700, recursive: true });
    writeFileSync(`${world.home}/config.toml`, '[reap]\ngrace = "1s"\n');
    await using follower = await Follower.start(world);
    await world.acquire("--service", "web");
    await follower.hears("changed web: nothing has listened for too long");
  });

  test("doesn't read the registry while nothing happens, however often it polls", async () => {
    await using world = new PoolWorld();
    // Without a server, it would look for one on ports that other tests use.
    await world.listen(await world.acquire("--service", "web"));
    let opened = 0;
    const end = new AbortController();
    const open = () => {
      opened++;
      return openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
    };
    const looks = watchClaims(open, { interval: 1, signal: end.signal });
    await looks.next();
    await looks.next();
    const steady = opened;
    const third = looks.next();
    const winner = await Promise.race([
      third.then(() => "looked"),
      Bun.sleep(300).then(() => "rested"),
    ]);
    expect([winner, opened]).toEqual(["rested", steady]);
    end.abort();
    await third;
  });
});

describe("the folder that is watched", () => {
  test("need not be there yet", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    await world.acquire("--service", "first");
    await follower.hears("claimed first: claimed");
  });

  test("may be deleted and created again, and is watched again", async () => {
    await using world = new World();
    await world.acquire("--service", "old");
    await using follower = await Follower.start(world);
    rmSync(`${world.home}/claims`, { recursive: true });
    await follower.hears("released old: released");
    await world.acquire("--service", "new");
    await follower.hears("claimed new: claimed");
    await world.acquire("--service", "newer");
    await follower.hears("claimed newer: claimed");
  });

  test("may be missing for a while, which is an empty registry", async () => {
    await using world = new World();
    await using follower = await Follower.start(world);
    expect(follower.looks[0]?.claims).toEqual([]);
    expect(follower.failures).toEqual([]);
  });
});

describe("a slow follower", () => {
  test("gets the net change, and misses none of it", async () => {
    await using world = new World();
    const kept = await world.acquire("--service", "kept");
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
    const looks = watchClaims(open, { interval: 20 });
    await looks.next();
    const passing = await world.acquire("--service", "passing");
    await world.acquire("--service", "new");
    await world.run(["release", String(passing)]);
    await world.run(["release", String(kept)]);
    const { value } = await looks.next();
    expect(value?.events.map(({ event, claim }) => `${event} ${claim.service}`).toSorted()).toEqual(
      ["claimed new", "released kept"],
    );
    await looks.return();
  });
});

describe("a failure to look", () => {
  test("is reported, and the watch continues", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    await using follower = await Follower.start(world);
    const config = `${world.home}/config.toml`;
    writeFileSync(config, "nonsense");
    await until("it is told", () => follower.failures.length > 0);
    expect(String(follower.failures[0])).toContain("config.toml");
    await world.acquire("--service", "unseen").catch(() => 0);
    rmSync(config);
    await world.acquire("--service", "api");
    await follower.hears("claimed api: claimed");
  });

  test("ends the watch if there is no onError", async () => {
    await using world = new World();
    mkdirSync(world.home, { mode: 0o700, recursive: true });
    writeFileSync(`${world.home}/config.toml`, "nonsense");
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
    expect(watchClaims(open).next()).rejects.toThrow("config.toml");
  });
});
