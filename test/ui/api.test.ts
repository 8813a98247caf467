import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { ClaimEvent } from "../../registry/watch/watch.ts";
import { until, type World } from "../harness.ts";
import { Dashboard, ownPool, runServer, startServer } from "./dashboard.ts";

let world: World;
let dashboard: Dashboard;

beforeAll(async () => {
  world = ownPool();
  dashboard = await Dashboard.start(world);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${dashboard.url}${path}`, {
    method: "POST",
    redirect: "manual",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", ...headers },
  });

describe("methods and paths", () => {
  test("HEAD says what GET would, without a body", async () => {
    for (const path of ["/", "/api/claims", "/api/events"]) {
      const { status, headers, body } = await dashboard.raw(`HEAD ${path} HTTP/1.1`);
      expect([path, status, body]).toEqual([path, 200, ""]);
      expect(headers.get("content-type")).toMatch(/^(text|application)\//);
    }
  });

  const wrong: [string, string, string][] = [
    ["POST", "/", "GET, HEAD"],
    ["DELETE", "/api/claims", "GET, HEAD"],
    ["GET", "/api/reap", "POST"],
    ["HEAD", "/api/reap", "POST"],
    ["GET", "/api/claims/3000/release", "POST"],
    ["PUT", "/api/events", "GET, HEAD"],
    ["OPTIONS", "/api/reap", "POST"],
  ];
  test.each(wrong)("%s %s is refused, and told what would do", async (method, path, allow) => {
    const { status, headers } = await dashboard.raw(`${method} ${path} HTTP/1.1`);
    expect([status, headers.get("allow")]).toEqual([405, allow]);
  });

  const missing = [
    "/api",
    "/api/",
    "//api/claims",
    "/api/claims/",
    "/api/claims/0/release",
    "/api/claims/70000/release",
  ];
  test.each([...missing, "/favicon.ico", "/../etc/passwd"])("there is no %s", async (path) => {
    const { status, body } = await dashboard.raw(`GET ${path} HTTP/1.1`);
    expect([status, JSON.parse(body).error.code]).toEqual([404, "no-such-path"]);
  });
});

describe("a body", () => {
  test("that is too large is refused, whether it says so or not", async () => {
    const large = "x".repeat(10_000);
    const said = await dashboard.raw("POST /api/reap HTTP/1.1", undefined, large);
    expect([said.status, JSON.parse(said.body).error.code]).toEqual([413, "too-large"]);
    const host = `Host: localhost:${dashboard.port}`;
    const chunked = [host, "Transfer-Encoding: chunked", "Content-Type: application/json"];
    const unsaid = await dashboard.raw(`POST /api/reap HTTP/1.1`, [
      ...chunked,
      "",
      `2710\r\n${large}\r\n0\r\n\r\n`,
    ]);
    expect(unsaid.status).toBe(413);
  });

  test("that is larger than all reason never reaches us", async () => {
    const host = `Host: localhost:${dashboard.port}`;
    const huge = await dashboard.raw("POST /api/reap HTTP/1.1", [host, "Content-Length: 99999999"]);
    expect(huge.status).toBe(413);
  });

  const odd: [string, unknown, Record<string, string>, number][] = [
    ["that is no JSON", undefined, {}, 400],
    ["that is a list", [], {}, 400],
    ["with an unknown field", { dry_runn: true }, {}, 400],
    ["with a field that is no yes or no", { dry_run: "perhaps" }, {}, 400],
    ["of an unknown type", {}, { "Content-Type": "text/plain" }, 415],
  ];
  test.each(odd)("%s is refused", async (name, body, headers, status) => {
    const url = `${dashboard.url}api/reap`;
    const answer =
      name === "that is no JSON"
        ? await fetch(url, {
            method: "POST",
            body: "{",
            headers: { "Content-Type": "application/json" },
          })
        : await post("api/reap", body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringContaining("Cannot") },
    });
  });
});

describe("GET /api/claims", () => {
  test("answers the very objects of list --json", async () => {
    await world.acquire("--service", "same");
    const timeless = (json: string) =>
      json.replaceAll(/"age":\s*[\d.]+/g, "").replaceAll(/\s/g, "");
    const answer = await fetch(`${dashboard.url}api/claims`);
    expect(answer.headers.get("content-type")).toContain("application/json");
    const { out } = await world.run(["list", "--json"]);
    expect(timeless(await answer.text())).toBe(timeless(out));
  });
});

describe("POST /api/reap", () => {
  test("says what would go, then lets it go", async () => {
    const { port, server } = await runServer(dashboard, "gone");
    server.kill("SIGKILL");
    await server.exited;
    const outcome = { port, service: "gone", action: "reaped", state: "dead" };
    const dry = await (await post("api/reap", { dry_run: true })).json();
    expect(dry).toContainEqual(expect.objectContaining(outcome));
    expect(await world.claim(port)).toBeDefined();
    const wet = await (await post("api/reap")).json();
    expect(wet).toContainEqual(expect.objectContaining(outcome));
    expect(await world.claim(port)).toBeUndefined();
  });

  test("leads a form back to the page", async () => {
    const answer = await fetch(`${dashboard.url}api/reap`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams(),
      headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
  });
});

describe("POST /api/claims/:port/release", () => {
  test("needs force for a claim whose owner lives", async () => {
    const port = await world.acquire("--service", "alive");
    const refused = await post(`api/claims/${port}/release`);
    expect([refused.status, (await refused.json()).error.code]).toEqual([409, "not-owner"]);
    const done = await post(`api/claims/${port}/release`, { force: true });
    expect([done.status, (await done.json())[0].port]).toEqual([200, port]);
    expect(await world.claim(port)).toBeUndefined();
  });

  test("takes no claim that was made since it was looked at", async () => {
    const port = await world.acquire("--service", "looked-at");
    const old = await world.claim(port);
    await world.run(["release", String(port), "--force"]);
    await world.acquire("--service", "newer", "--prefer", String(port), "--exact");
    const body = { force: true, claimed_at: old?.claimed_at };
    const answer = await post(`api/claims/${port}/release`, body);
    expect([answer.status, (await answer.json()).error.code]).toEqual([409, "claimed-anew"]);
    expect((await world.claim(port))?.service).toBe("newer");
  });

  test("of a port that nobody claims finds nothing", async () => {
    const answer = await post("api/claims/1/release", { force: true });
    expect([answer.status, (await answer.json()).error.code]).toEqual([404, "not-found"]);
  });
});

describe("GET /api/events", () => {
  interface Message {
    name: string;
    data: string;
  }

  /** Reads events until one satisfies. */
  async function readUntil(fits: (message: Message) => boolean, act?: () => Promise<unknown>) {
    const answer = await fetch(`${dashboard.url}api/events`);
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    let text = "";
    for await (const chunk of answer.body ?? []) {
      const isFirst = text === "";
      text += new TextDecoder().decode(chunk);
      if (isFirst) void act?.();
      const messages = text.split("\n\n").slice(0, -1).map(parse);
      const found = messages.find(fits);
      if (found) return JSON.parse(found.data);
    }
    throw new Error("the stream ended");
  }

  function parse(message: string): Message {
    const fields = Object.fromEntries(message.split("\n").map((line) => line.split(/: (.*)/s)));
    return { name: fields["event"] ?? "message", data: fields["data"] ?? "" };
  }

  const happens =
    (event: ClaimEvent["event"], service: string, state?: string) => (one: Message) => {
      if (one.name !== "message" || one.data === "") return false;
      const got = JSON.parse(one.data) as ClaimEvent;
      return (
        got.event === event &&
        got.claim.service === service &&
        got.claim.state === (state ?? got.claim.state)
      );
    };

  test("begins with everything", async () => {
    const port = await world.acquire("--service", "there");
    const snapshot = await readUntil(({ name }) => name === "snapshot");
    const ports = snapshot.claims.map((claim: { port: number }) => claim.port);
    expect(ports).toContain(port);
    expect(snapshot).toMatchObject({
      mayChange: true,
      pool: { own: dashboard.port, problem: null },
    });
  });

  test("tells of a claim, of its server that comes and goes, and of its release", async () => {
    let port = 0;
    const claimed = await readUntil(happens("claimed", "told"), async () => {
      port = await world.acquire("--service", "told");
    });
    expect(claimed).toMatchObject({ reason: "claimed", claim: { port, state: "starting" } });
    let server: Bun.Subprocess | undefined;
    const up = await readUntil(happens("changed", "told", "listening"), async () => {
      server = await startServer(dashboard, port);
    });
    expect(up).toMatchObject({
      reason: "a server listens",
      claim: { listeners: [{ pid: server?.pid }] },
    });
    const down = await readUntil(happens("changed", "told", "starting"), async () =>
      server?.kill(),
    );
    expect(down).toMatchObject({ reason: "its server stopped" });
    const released = await readUntil(happens("released", "told"), () =>
      world.run(["release", String(port)]),
    );
    expect(released).toMatchObject({ reason: "released", claim: { port } });
  });

  test("tells of what listens in the pool without a claim, and of a config that is broken", async () => {
    const [claim] = await dashboard.claims();
    const port = (claim?.port ?? 0) + 20;
    const pool = await readUntil(
      ({ name, data }) => name === "pool" && data.includes(`"port":${port}`),
      () => world.listen(port),
    );
    const found = pool.strangers.filter((stranger: { port: number }) => stranger.port === port);
    expect(found).toMatchObject([{ port, listeners: [{ pid: process.pid }] }]);
    const path = `${world.home}/config.toml`;
    const good = await Bun.file(path).text();
    const broken = await readUntil(
      ({ name, data }) => name === "pool" && data.includes("config.toml"),
      async () => writeFileSync(path, "nonsense"),
    );
    expect(broken.problem).toContain("Cannot read");
    const mended = await readUntil(
      ({ name, data }) =>
        (name === "pool" || name === "snapshot") && data.includes('"problem":null'),
      async () => writeFileSync(path, good),
    );
    expect(mended).toBeDefined();
  });

  test("looks at the registry only while a page is open", async () => {
    const fdinfo = `/proc/${dashboard.process.pid}/fdinfo`;
    const isWatching = async () =>
      (await world.exec(["sh", "-c", `grep -l ^inotify ${fdinfo}/*`])).out !== "";
    const answer = await fetch(`${dashboard.url}api/events`);
    await until("the folder is watched", isWatching);
    await answer.body?.cancel();
    await until("nobody watches the folder", async () => !(await isWatching()));
  });
});
