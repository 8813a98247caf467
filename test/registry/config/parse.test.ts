import { describe, expect, test } from "bun:test";
import { DEFAULTS, parseRange } from "../../../registry/config/config.ts";
import { CONFIG_TEMPLATE } from "../../../registry/config/init.ts";
import { parseConfig } from "../../../registry/config/parse.ts";
import { RegistryError } from "../../../registry/errors/errors.ts";

const PATH = "/home/me/.portclaim/config.toml";
const parse = (text: string) => parseConfig(text, PATH);

/** What a malformed config is refused with. */
function refusal(text: string) {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RegistryError) return { message: error.message, ...error.reason };
    throw error;
  }
  throw new Error("it was accepted");
}

test.each([
  ["an empty file", ""],
  ["only comments", "# nothing\n"],
  ["empty tables", "[pool]\n[reap]\n[projects]\n[services]\n"],
  ["what init writes", CONFIG_TEMPLATE],
])("%s: the defaults", (_, text) => {
  expect(parse(text)).toEqual(DEFAULTS);
});

test("what init writes, uncommented, is a config whose pool and grace are the defaults", () => {
  const config = parse(CONFIG_TEMPLATE.replaceAll(/^# (?=\[|\w+ = )/gm, ""));
  expect(config).toEqual({
    range: DEFAULTS.range,
    exclude: new Set([8484, 5432, 6379]),
    grace: DEFAULTS.grace,
    guard: true,
    projects: new Map([["my-app", { prefer: 3000, range: { first: 3000, last: 3009 } }]]),
    services: new Map([["postgres", { port: 5432, lease: "persistent" }]]),
  });
});

test("every key is read", () => {
  const config = parse(`
    [pool]
    range = "4000-4999"
    exclude = [4321, 4322]
    [reap]
    grace = "90s"
    [guard]
    enabled = false
    [projects."my app"]
    prefer = 4100
    [projects.other]
    range = "4200-4209"
    [services.web]
    port = 80
    [services.db]
    lease = "persistent"
  `);
  expect(config).toEqual({
    range: { first: 4000, last: 4999 },
    exclude: new Set([8484, 4321, 4322]),
    grace: 90,
    guard: false,
    projects: new Map<string, object>([
      ["my app", { prefer: 4100 }],
      ["other", { range: { first: 4200, last: 4209 } }],
    ]),
    services: new Map<string, object>([
      ["web", { port: 80 }],
      ["db", { lease: "persistent" }],
    ]),
  });
});

test("row 41: a byte order mark and Windows line endings aren't errors", () => {
  expect(parse('\uFEFF[pool]\r\nrange = "4000-4001"\r\n').range).toEqual({
    first: 4000,
    last: 4001,
  });
});

test("dotted keys and inline tables are the same config", () => {
  expect(parse('pool.range = "4000-4001"').range).toEqual({ first: 4000, last: 4001 });
  expect(parse("services = { web = { port = 80 } }").services.get("web")).toEqual({ port: 80 });
});

test("projects and services may be named like properties of every object", () => {
  const config = parse(
    "[projects.constructor]\nprefer = 4000\n[services.__proto__]\nport = 4001\n",
  );
  expect(config.projects.get("constructor")).toEqual({ prefer: 4000 });
  expect(config.services.get("__proto__")).toEqual({ port: 4001 });
  expect(config.services.get("toString")).toBeUndefined();
});

describe("row 41: a malformed value names its file, line and key", () => {
  test.each([
    ["pool.range", '"9999-3000"', '"9999-3000" is not a range'],
    ["pool.range", '"3000"', '"3000" is not a range'],
    ["pool.range", '"0-100"', '"0-100" is not a range'],
    ["pool.range", '"3000-65536"', '"3000-65536" is not a range'],
    ["pool.range", "3000", "3000 is not a range"],
    ["pool.range", "[3000, 9999]", "[3000,9999] is not a range"],
    ["pool.range", '""', '"" is not a range'],
    ["pool.exclude", "5432", "5432 is not a list of ports"],
    ["pool.exclude", '"5432"', '"5432" is not a list of ports'],
    ["pool.exclude", "[5432, 0]", "0 is not a port"],
    ["pool.exclude", '["5432"]', '"5432" is not a port'],
    ["pool.exclude", "[54.5]", "54.5 is not a port"],
    ["reap.grace", '"ten minutes"', '"ten minutes" is not a duration'],
    ["reap.grace", "600", "600 is not a duration"],
    ["reap.grace", "true", "true is not a duration"],
    ["reap.grace", "2026-03-17", '"2026-03-17" is not a duration'],
    ["projects.my-app.prefer", "65536", "65536 is not a port"],
    ["projects.my-app.prefer", '"3000"', '"3000" is not a port'],
    ["projects.my-app.range", '"3009-3000"', '"3009-3000" is not a range'],
    ["services.db.port", "-1", "-1 is not a port"],
    ["services.db.port", "nan", "NaN is not a port"],
    ["services.db.lease", '"forever"', '"forever" is not a lease'],
    ["services.db.lease", "1", "1 is not a lease"],
  ])("%s = %s", (key, value, problem) => {
    const table = key.slice(0, key.lastIndexOf("."));
    const name = key.slice(key.lastIndexOf(".") + 1);
    const found = refusal(`# a comment\n\n[${table}]\n# another\n${name} = ${value}\n`);
    expect(found).toMatchObject({ code: "config", path: PATH, line: 5, key });
    expect(found.message).toStartWith(`${PATH}:5: ${key}: ${problem}`);
  });

  test.each([
    ["pools", "[pools]\nrange = 1\n", "pools", 1],
    ["pool.rang", '[pool]\nrang = "3000-3001"\n', "pool.rang", 2],
    ["reap.max_age", '[reap]\n\nmax_age = "1h"\n', "reap.max_age", 3],
    ["projects.a.port", "[projects.a]\nport = 3000\n", "projects.a.port", 2],
    ["services.a.prefer", "[services.a]\nprefer = 3000\n", "services.a.prefer", 2],
    ["a key outside of every table", 'range = "3000-3001"\n', "range", 1],
    ["a quoted table", '[projects."my app"]\nport = 1\n', "projects.my app.port", 2],
    ["a dotted key", '\npool.rang = "3000-3001"\n', "pool.rang", 2],
  ])("an unknown key is an error: %s", (_, text, key, line) => {
    const found = refusal(text);
    expect(found).toMatchObject({ code: "config", key, line });
    expect(found.message).toContain(`unknown key "${key}"; expected `);
  });

  test.each([
    ["pool = 1\n", "pool", 1],
    ["\n[[projects]]\nprefer = 1\n", "projects", 2],
    ["[projects]\nmy-app = 3000\n", "projects.my-app", 2],
    ["[services]\ndb = 2026-03-17\n", "services.db", 2],
  ])("a value in place of a table is an error: %j", (text, key, line) => {
    expect(refusal(text)).toMatchObject({ code: "config", key, line });
    expect(refusal(text).message).toEndWith("expected a table");
  });

  test("the same name in another table is not mistaken for it", () => {
    const text =
      '[projects.a]\nrange = "3000-3001"\n[pool]\nrange = "3000-3001"\n[projects.b]\nrange = 1\n';
    expect(refusal(text)).toMatchObject({ key: "projects.b.range", line: 6 });
  });
});

describe("row 41: invalid TOML is reported with its file and line", () => {
  test.each([
    ["a duplicate key", '[pool]\nrange = "3000-3001"\nrange = "3000-3002"\n', 3],
    ["a duplicate table", '[pool]\nrange = "3000-3001"\n\n[pool]\n', 4],
    ["an unclosed text", '[pool]\nrange = "3000-3001\n', 2],
    ["no value", "[pool]\nrange =\n", 2],
    ["no equals sign", "\n\nrange\n", 3],
    ["binary", "\0\u0001", 1],
  ])("%s", (_, text, line) => {
    const found = refusal(text);
    expect(found).toMatchObject({ code: "config", path: PATH, line });
    expect(found.message).toStartWith(`${PATH}:${line}: `);
    expect(found.message).not.toContain("\n");
  });
});

test.each(["3000-9999", " 3000 - 9999 ", "1-65535", "3000-3000"])("%p is a range", (text) => {
  expect(parseRange(text)).toMatchObject({ first: expect.any(Number), last: expect.any(Number) });
});

test.each([
  "3000-2999",
  "0-1",
  "1-65536",
  "3000",
  "-",
  "3000-",
  "a-b",
  "3000-3001-3002",
  "3e3-9e3",
])("%p isn't a range", (text) => {
  expect(parseRange(text)).toBeUndefined();
});
