import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { tryLock } from "../../native/posix/flock.ts";
import { firstLine, type World } from "../harness.ts";
import { Dashboard, runServer } from "./dashboard.ts";

let world: World;
let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await Dashboard.start();
  world = dashboard.world;
});

afterAll(async () => {
  await dashboard[Symbol.asyncDispose]();
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${dashboard.url}${path}`, {
    method: "POST",
    redirect: "manual",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", ...headers },
  });

describe("methods and paths", () => {
  test("HEAD answers like GET, without a body", async () => {
    for (const path of ["/", "/api/about", "/api/claims", "/api/events"]) {
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
    ["GET", "/api/claims/3000/stop", "POST"],
    ["GET", "/api/listeners/3000/stop", "POST"],
    ["POST", "/api/ports/3000", "GET, HEAD"],
    ["POST", "/stop/3000", "GET, HEAD"],
    ["PUT", "/api/events", "GET, HEAD"],
    ["OPTIONS", "/api/reap", "POST"],
  ];
  test.each(wrong)(
    "%s %s is refused, with the methods that are allowed",
    async (method, path, allow) => {
      const { status, headers } = await dashboard.raw(`${method} ${path} HTTP/1.1`);
      expect([status, headers.get("allow")]).toEqual([405, allow]);
    },
  );

  const missing = [
    "/api",
    "/api/",
    "//api/claims",
    "/api/claims/",
    "/api/claims/0/release",
    "/api/claims/70000/release",
    "/api/ports/0",
    "/stop/",
  ];
  test.each([...missing, "/favicon.ico", "/../etc/passwd"])("there is no %s", async (path) => {
    const { status, body } = await dashboard.raw(`GET ${path} HTTP/1.1`);
    expect([status, JSON.parse(body).error.code]).toEqual([404, "no-such-path"]);
  });
});

describe("a body", () => {
  test("that is too large is refused, with or without a Content-Length", async () => {
    const large = "x".repeat(10_000);
    const sized = await dashboard.raw("POST /api/reap HTTP/1.1", undefined, large);
    expect([sized.status, JSON.parse(sized.body).error.code]).toEqual([413, "too-large"]);
    const host = `Host: localhost:${dashboard.port}`;
    const chunked = [host, "Transfer-Encoding: chunked", "Content-Type: application/json"];
    const unsized = await dashboard.raw(`POST /api/reap HTTP/1.1`, [
      ...chunked,
      "",
      `2710\r\n${large}\r\n0\r\n\r\n`,
    ]);
    expect(unsized.status).toBe(413);
  });

  test("that is huge is refused before it is sent", async () => {
    const host = `Host: localhost:${dashboard.port}`;
    const huge = await dashboard.raw("POST /api/reap HTTP/1.1", [host, "Content-Length: 99999999"]);
    expect(huge.status).toBe(413);
  });

  const json = "application/json";
  const invalid: [string, string, string, number, string][] = [
    ["that isn't JSON", "{", json, 400, "malformed"],
    ["that is a list", "[]", json, 400, "malformed"],
    ["with an unknown field", '{"dry_runn":true}', json, 400, "malformed"],
    ["with a field that isn't a boolean", '{"dry_run":"perhaps"}', json, 400, "malformed"],
    ["of an unknown type", "{}", "text/plain", 415, "unknown-type"],
  ];
  test.each(invalid)("%s is refused", async (_, body, type, status, code) => {
    const headers = { "Content-Type": type };
    const answer = await fetch(`${dashboard.url}api/reap`, { method: "POST", body, headers });
    expect(answer.status).toBe(status);
    expect((await answer.json()).error.code).toBe(code);
  });
});

describe("GET /api/claims", () => {
  test("answers the same objects as list --json", async () => {
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
  test("reports with dry_run what it removes without", async () => {
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

  test("redirects a form to the page", async () => {
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
  test("needs force for a claim whose owner is alive", async () => {
    const port = await world.acquire("--service", "alive");
    const refused = await post(`api/claims/${port}/release`);
    expect([refused.status, (await refused.json()).error.code]).toEqual([409, "not-owner"]);
    const done = await post(`api/claims/${port}/release`, { force: true });
    expect([done.status, (await done.json())[0].port]).toEqual([200, port]);
    expect(await world.claim(port)).toBeUndefined();
    const log = JSON.parse((await world.run(["log", `${port}`])).out);
    expect(log.at(-1)).toMatchObject({ event: "released", by: "the dashboard", reason: "forced" });
  });

  test("refuses a claim that is newer than claimed_at", async () => {
    const port = await world.acquire("--service", "looked-at");
    const old = await world.claim(port);
    await world.run(["release", String(port), "--force"]);
    await world.acquire("--service", "newer", "--prefer", String(port), "--exact");
    const body = { force: true, claimed_at: old?.claimed_at };
    const answer = await post(`api/claims/${port}/release`, body);
    expect([answer.status, (await answer.json()).error.code]).toEqual([409, "claimed-anew"]);
    expect((await world.claim(port))?.service).toBe("newer");
  });

  test("refuses a claim that replaces another while the request waits for the lock", async () => {
    const port = await world.acquire("--service", "seen");
    const seen = await world.claim(port);
    const notice = firstLine({ stdout: dashboard.process.stderr as ReadableStream<Uint8Array> });
    const lock = tryLock(`${world.home}/.lock`);
    const answer = post(`api/claims/${port}/release`, {
      force: true,
      claimed_at: seen?.claimed_at,
    });
    expect(await notice).toContain("lock");
    const newer = { ...seen, service: "newer", claimed_at: "2099-01-01T00:00:00.000000Z" };
    await Bun.write(`${world.home}/claims/${port}.json`, JSON.stringify(newer));
    lock?.[Symbol.dispose]();
    const { status } = await answer;
    expect([status, (await world.claim(port))?.service]).toEqual([409, "newer"]);
  });

  test("of an unreadable file removes no claim that has taken its place, and the reverse", async () => {
    const port = await world.acquire("--service", "readable");
    const unseen = { force: true, claimed_at: "" };
    const refused = await post(`api/claims/${port}/release`, unseen);
    expect([refused.status, (await refused.json()).error.code]).toEqual([409, "claimed-anew"]);
    const claimed_at = (await world.claim(port))?.claimed_at;
    await Bun.write(`${world.home}/claims/${port}.json`, "{");
    const broken = await post(`api/claims/${port}/release`, { force: true, claimed_at });
    expect([broken.status, (await broken.json()).error.code]).toEqual([409, "claimed-anew"]);
    expect((await post(`api/claims/${port}/release`, unseen)).status).toBe(200);
  });

  test("of an unclaimed port is not found", async () => {
    const answer = await post("api/claims/1/release", { force: true });
    expect([answer.status, (await answer.json()).error.code]).toEqual([404, "not-found"]);
  });
});
