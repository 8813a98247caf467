import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import * as fc from "fast-check";
import { runs } from "../runs.ts";
import { Dashboard } from "../ui/dashboard.ts";
import { nastyText, nastyValue } from "./corpus.ts";

setDefaultTimeout(60_000);

let dashboard: Dashboard;
/** A claim of a living owner that nothing but an honest, forced release may end. */
let used = 0;

beforeAll(async () => {
  dashboard = await Dashboard.start();
  used = await dashboard.world.acquire("--service", "used", "--pid", String(process.pid));
});
afterAll(() => dashboard[Symbol.asyncDispose]());

/** Sends bytes and returns all that comes back; what may be no whole request, it ends itself. */
function send(bytes: string, isWhole: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect({ port: dashboard.port, host: "127.0.0.1" }, () => {
    if (isWhole) socket.write(bytes);
    else socket.end(bytes);
  });
  socket.on("data", (chunk) => (answer += chunk.toString()));
  // A connection may be reset once its request is refused: what was said before counts.
  socket.on("error", () => {});
  socket.on("close", () => resolve(answer));
  return promise;
}

const path = fc.oneof(
  fc.constantFrom("/", "/api/claims", "/api/reap", "/api/events2", "/api/claims/USED/release"),
  fc.constantFrom("/api/claims/0/release", "/api/claims/65536/release", "//api//claims", "*"),
  fc.constantFrom("/api/claims/USED/stop", "/api/ports/USED", "/stop/USED", "/open?key=%00"),
  fc.constantFrom("http://evil/api/claims", "/api/claims?x=1#y", "/%2e%2e/x", "/api/claims/%00"),
  nastyText.map((text) => `/${encodeURI(text.toWellFormed())}`),
);
const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", "POST");
const name = fc.constantFrom(
  "Host",
  "Origin",
  "Sec-Fetch-Site",
  "Sec-Fetch-Mode",
  "Content-Type",
  "Accept",
  "Cookie",
  "Content-Length",
  "Transfer-Encoding",
  "Last-Event-ID",
  "X-Forwarded-Host",
  "Expect",
);
const headerValue = fc.oneof(
  fc.constantFrom("localhost", "127.0.0.1", "[::1]:80", "evil.com", "localhost, evil.com", "null"),
  fc.constantFrom("application/json", "text/html", "same-origin", "cross-site", "navigate", "-1"),
  fc.constantFrom("chunked", "100-continue", "application/x-www-form-urlencoded", "99999999999"),
  // What ends a line ends the header too, and would be another.
  nastyText.map((text) => text.replace(/[\r\n\0]/g, "")),
);
const someHeaders = fc.array(fc.tuple(name, headerValue), { maxLength: 3 });
const noHeaders = fc.constant<[string, string][]>([]);
const fields = fc.dictionary(
  fc.constantFrom("dry_run", "claimed_at", "pid", "start", "__proto__", "x", "Force"),
  fc.oneof(nastyValue, fc.constantFrom("constructor", ["true"], "".padEnd(2000, "["))),
  { maxKeys: 2 },
);
const body = fc.oneof(
  fc.constant(""),
  fields.map((object) => JSON.stringify(object)),
  nastyText,
  fc.constantFrom("[".repeat(4000), `{"dry_run":${"[".repeat(2000)}${"]".repeat(2000)}}`),
);

interface Drawn {
  line: string[];
  host: boolean;
  kind: string;
  more: [string, string][];
  content: string;
}

const request: fc.Arbitrary<Drawn> = fc.record({
  line: fc.tuple(method, path, fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9", "")),
  host: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  kind: fc.constantFrom("application/json", "application/x-www-form-urlencoded", ""),
  more: fc.oneof(someHeaders, noHeaders),
  content: body,
});
/** The request as it goes over the line: a body has its length before it. */
function toBytes(parts: Drawn): string {
  const { line, host, kind, more, content } = parts;
  const length = content === "" ? [] : [`Content-Length: ${Buffer.byteLength(content)}`];
  const type = kind === "" ? [] : [`Content-Type: ${kind}`];
  const own = host ? [`Host: localhost:${dashboard.port}`] : [];
  const others = more.map(([key, value]) => `${key}: ${value}`);
  const head = [
    line.join(" ").replace("USED", String(used)),
    ...own,
    ...type,
    ...others,
    ...length,
  ];
  return `${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${content}`;
}
test("whatever is sent to the dashboard, it answers or hangs up, and keeps serving", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 9, arbitrary: request }, nastyText), async (sent) => {
      const answer = await (typeof sent === "string"
        ? send(sent, false)
        : send(toBytes(sent), sent.more.length === 0));
      const answered = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "nothing";
      seen.add(answered);
      expect(answered).not.toBe("500");
      expect(answer).not.toMatch(/\n {4}at |node_modules|\.ts:\d/);
    }),
    { ...runs(600), timeout: 5000 },
  );
  const { status, body: text } = await dashboard.raw("GET /api/claims HTTP/1.1");
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject([{ port: used, service: "used" }]);
  for (const expected of ["200", "400", "403", "404", "405"]) {
    expect([...seen]).toContain(expected);
  }
});

const TRUTHS = [true, false, "true", "false", 1, 0, "1", "0", "on"];
const isUnclear = (value: unknown) => !TRUTHS.includes(value as boolean);

test("a reap that may have been meant to change nothing changes nothing", async () => {
  const odd = fc.oneof(nastyValue, fc.constantFrom("constructor", "toString", ["true"], [[1]]));
  await fc.assert(
    fc.asyncProperty(odd.filter(isUnclear), async (value) => {
      const lines = [`Host: localhost:${dashboard.port}`, "Content-Type: application/json"];
      const content = JSON.stringify({ dry_run: value }).toWellFormed();
      fc.pre(content.length < 4000);
      const post = "POST /api/reap HTTP/1.1";
      const { status } = await dashboard.raw(post, lines, Buffer.from(content).toString("latin1"));
      expect([content, status]).toEqual([content, 400]);
    }),
    runs(100),
  );
});
