import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { needs } from "../needs.ts";
import { AS_NOBODY } from "../privileged.ts";
import { Dashboard } from "./dashboard.ts";

let dashboard: Dashboard;
let host: string;

beforeAll(async () => {
  dashboard = await Dashboard.start();
  host = `Host: localhost:${dashboard.port}`;
});

afterAll(async () => {
  await dashboard[Symbol.asyncDispose]();
});

const codeOf = (body: string) => JSON.parse(body).error.code as string;

describe("the host that a request names", () => {
  const ours = [
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.8.9.1",
    "[::1]",
    "localhost:0",
    "localhost:65535",
    "127.0.0.1:80",
    "[::ffff:127.0.0.1]:9",
  ];
  test.each(ours)("%s is accepted, whatever the port", async (name) => {
    expect((await dashboard.raw("GET /api/claims HTTP/1.1", [`Host: ${name}`])).status).toBe(200);
  });

  const foreign = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "evil.example#localhost",
    "0.0.0.0",
    "2130706433",
    "[::]",
    "localhost, evil.example",
    "user@localhost",
    "user:secret@127.0.0.1",
    "local host",
    "localhost:x",
    "localhost:",
    "localhost:65536",
    "localhost:99999",
    "[::1]:99999",
    "::1",
    "[127.0.0.1]",
    "127.0.0.999",
    "",
  ];
  test.each(foreign)("%p is refused", async (name) => {
    for (const path of ["/", "/api/claims", "/api/events", "/no-such-path"]) {
      const { status, body } = await dashboard.raw(`GET ${path} HTTP/1.1`, [`Host: ${name}`]);
      expect([path, status, codeOf(body)]).toEqual([path, 403, "foreign-host"]);
    }
  });

  test("two of them are refused, even if one is ours", async () => {
    const two = await dashboard.raw("GET / HTTP/1.1", [host, "Host: evil.example"]);
    expect(two.status).toBe(403);
  });

  test("none is refused", async () => {
    expect((await dashboard.raw("GET / HTTP/1.0", [])).status).toBe(403);
    expect((await dashboard.raw("GET / HTTP/1.1", [])).status).toBe(400);
  });
});

describe("a request of a web page", () => {
  const foreign: [string, string[]][] = [
    ["with a foreign origin", ["Origin: http://evil.example"]],
    ["of another port", ["Origin: http://localhost:1"]],
    ["that hides its origin", ["Origin: null"]],
    ["with an origin of another scheme", ["Origin: https://localhost"]],
    ["of another site", ["Sec-Fetch-Site: cross-site"]],
    ["of the same site, which any port of localhost is", ["Sec-Fetch-Site: same-site"]],
    ["of another site that hides its origin", ["Sec-Fetch-Site: cross-site", "Origin: null"]],
    ["of another site that links here", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]],
    [
      "that claims to be the dashboard's, with a foreign origin",
      ["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"],
    ],
  ];
  test.each(foreign)("%s changes nothing", async (_, headers) => {
    const claimed = await dashboard.world.acquire("--service", "kept", "--reuse");
    const paths = ["claims", "listeners"].map((kind) => `/api/${kind}/${claimed}/stop`);
    for (const path of ["/api/reap", `/api/claims/${claimed}/release`, ...paths]) {
      const { status, body } = await dashboard.raw(`POST ${path} HTTP/1.1`, [host, ...headers]);
      expect([path, status, codeOf(body)]).toEqual([path, 403, "foreign-site"]);
    }
    expect(await dashboard.world.claim(claimed)).toBeDefined();
  });

  test("that belongs to the dashboard may change claims", async () => {
    const origin = `Origin: http://localhost:${dashboard.port}`;
    const own = [[origin], ["Sec-Fetch-Site: same-origin", origin], ["Sec-Fetch-Site: none"], []];
    for (const headers of own) {
      const { status } = await dashboard.raw("POST /api/reap HTTP/1.1", [host, ...headers]);
      expect([headers, status]).toEqual([headers, 200]);
    }
  });

  test("of another site may link to the dashboard, but not load its API", async () => {
    const cross = [host, "Sec-Fetch-Site: cross-site"];
    expect((await dashboard.raw("GET /api/claims HTTP/1.1", cross)).status).toBe(403);
    expect((await dashboard.raw("GET /api/events HTTP/1.1", cross)).status).toBe(403);
    expect((await dashboard.raw("GET /api/ports/1 HTTP/1.1", cross)).status).toBe(403);
    const link = [...cross, "Sec-Fetch-Mode: navigate"];
    expect((await dashboard.raw("GET / HTTP/1.1", link)).status).toBe(200);
  });

  test("of another site can't read, frame or cache a response", async () => {
    for (const path of ["/", "/api/claims"]) {
      const { headers } = await dashboard.raw(`GET ${path} HTTP/1.1`);
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.has("access-control-allow-origin")).toBe(false);
    }
  });

  test("can run no script but the dashboard's own", async () => {
    const { headers } = await dashboard.raw("GET / HTTP/1.1");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[\w+/]{43}='(;|$)/);
    expect(policy).not.toContain("unsafe");
  });
});

needs("another user").describe("another user of this machine", () => {
  const ask = (...args: string[]) =>
    dashboard.world.exec([...AS_NOBODY, "curl", "-s", "-w", "%{http_code}", ...args]);

  test("sees nothing and changes nothing", async () => {
    for (const path of ["", "api/claims", "api/events", "api/ports/1", "stop/1"]) {
      expect((await ask(`${dashboard.url}${path}`)).out).toMatch(/"other-user".*403$/s);
    }
    for (const path of ["api/reap", "api/claims/1/stop", "api/listeners/1/stop"]) {
      expect((await ask("-XPOST", `${dashboard.url}${path}`)).out).toMatch(/"other-user".*403$/s);
    }
  });
});
