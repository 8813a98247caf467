import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { PORTCLAIM, World } from "../harness.ts";
import { runs } from "../runs.ts";
import { damaged, NASTY_TEXTS, nastyText, nastyValue } from "./corpus.ts";

setDefaultTimeout(60_000);

const TOOLS = ["acquire", "release", "find", "list", "reap"].map((name) => `portclaim_${name}`);
const METHODS = [
  "tools/list",
  "tools/call",
  "resources/read",
  "resources/list",
  "ping",
  "initialize",
];
const ARGUMENTS = "service project prefer exact reuse lease cwd port dry_run agent x".split(" ");

const id = fc.oneof(fc.nat(99_999), fc.string({ maxLength: 9 }), nastyValue);
const argument = fc.oneof(fc.constantFrom("web", 20_000, true, "/", "persistent"), nastyValue);
const params = fc.oneof(
  fc.record({
    name: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...TOOLS) }, nastyText),
    arguments: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.dictionary(fc.constantFrom(...ARGUMENTS), argument, { maxKeys: 3 }),
      },
      nastyValue,
    ),
  }),
  fc.record({ uri: fc.oneof(fc.constant("portclaim://claims"), nastyText) }),
  nastyValue,
);
const message = fc
  .record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant("2.0") }, nastyValue),
      id,
      method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...METHODS) }, nastyText),
      params,
      result: nastyValue,
    },
    { requiredKeys: ["jsonrpc"] },
  )
  .map((value) => JSON.stringify(value).toWellFormed());
const line = fc
  .oneof({ weight: 5, arbitrary: message }, damaged(message), nastyText, fc.constant("[]"))
  .map((text) => text.toWellFormed().replaceAll("\n", " "));

let world: World;
let used = 0;
beforeAll(async () => {
  world = new World();
  await Bun.write(
    `${world.home}/config.toml`,
    `[pool]\nrange = "${world.ports.first}-${world.ports.first + 39}"\n`,
  );
  // Of another directory, so that no call from here may release it.
  const elsewhere = { cwd: world.path(".") };
  const asking = "acquire --service used --project used --lease persistent".split(" ");
  const pid = ["--pid", String(process.pid)];
  const { out } = await world.run([...asking, ...pid], elsewhere);
  used = Number(out);
});
afterAll(() => world[Symbol.asyncDispose]());

/** What a server answers to some lines before it ends with its input. */
async function answers(lines: string[]) {
  const hello = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "x", version: "1" },
  };
  const first = { jsonrpc: "2.0", id: "first", method: "initialize", params: hello };
  const last = {
    jsonrpc: "2.0",
    id: "last",
    method: "tools/call",
    params: { name: "portclaim_list" },
  };
  const input = [JSON.stringify(first), ...lines, JSON.stringify(last)].join("\n");
  const { code, out, err } = await world.exec([...PORTCLAIM, "mcp-serve"], { input });
  const parsed = out
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as any);
  return { code, err, parsed };
}

test("whatever a client sends, each line is answered by JSON-RPC, and the next call works", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 60, maxLength: 60, size: "max" }),
      async (lines) => {
        const { code, err, parsed } = await answers(lines);
        expect(err).not.toMatch(/\n {4}at |please report/);
        expect(code).toBe(0);
        for (const { jsonrpc, result } of parsed) {
          expect(jsonrpc).toBe("2.0");
          expect(result?.structuredContent?.error?.code).not.toBe("bug");
        }
        const list = parsed.find((one) => one.id === "last")?.result.structuredContent;
        const claims = list.claims as { port: number }[];
        expect(claims.map(({ port }) => port)).toContain(used);
        const ports = claims.map(({ port }) => port);
        expect(new Set(ports).size).toBe(ports.length);
      },
    ),
    runs(12),
  );
});

test("a line without end is refused, and what comes after it answered", async () => {
  const { code, parsed } = await answers([
    "x".repeat(11 * 1024 * 1024),
    ...NASTY_TEXTS.map((text) => text.replaceAll("\n", " ")),
  ]);
  expect(code).toBe(0);
  expect(parsed.find((one) => one.id === "last")?.result.isError).toBeUndefined();
  expect(parsed.some((one) => one.error?.code === -32_600)).toBeTrue();
});
