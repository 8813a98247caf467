import { describe, expect, test } from "bun:test";
import { type Declared, parseArguments } from "../../../cli/parse/argv.ts";
import { suggest } from "../../../cli/parse/suggest.ts";
import { World } from "../../harness.ts";

const DECLARED: Declared = {
  name: "test",
  args: {
    port: { type: "positional", description: "" },
    service: { type: "string", description: "", valueHint: "NAME", multiple: true },
    prefer: { type: "string", description: "", valueHint: "PORT" },
    pid: { type: "string", description: "" },
    grace: { type: "string", description: "" },
    exact: { type: "boolean", description: "" },
    lease: { type: "enum", description: "", options: ["ephemeral", "persistent"] },
  },
};

const parse = (...argv: string[]) => parseArguments(DECLARED, argv);

function refusal(...argv: string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    const { name, message, hint } = error as Error & { hint?: string };
    expect(name).toBe("UsageError");
    return hint === undefined ? message : `${message} | ${hint}`;
  }
  throw new Error("it was accepted");
}

test("flags and positionals come in any order", () => {
  const args = parse("--service", "web", "3000", "--exact", "--service=api", "--lease=persistent");
  expect(args.all("service")).toEqual(["web", "api"]);
  expect([args.port("port"), args.has("exact"), args.text("lease")]).toEqual([
    3000,
    true,
    "persistent",
  ]);
  expect([args.text("prefer"), args.has("json"), args.rest]).toEqual([undefined, false, undefined]);
});

test("a value may be empty, hold an equals sign, or begin with one dash", () => {
  expect(parse("--service=").text("service")).toBe("");
  expect(parse("--service=a=b").text("service")).toBe("a=b");
  expect(parse("--service", "-x").text("service")).toBe("-x");
  expect(parse("--service=--x").text("service")).toBe("--x");
});

describe("refused:", () => {
  test.each([
    [["--servce", "web"], "Cannot use --servce: test has no such flag | did you mean --service?"],
    [["--wrong"], "Cannot use --wrong: test has no such flag | see: portclaim test --help"],
    [["-x"], "Cannot use -x: test has no such flag | see: portclaim test --help"],
    [["-exact"], "Cannot use -exact: test has no such flag | did you mean --exact?"],
    [
      ["--constructor"],
      "Cannot use --constructor: test has no such flag | see: portclaim test --help",
    ],
    [["--port", "3000"], "Cannot use --port: test has no such flag | see: portclaim test --help"],
    [["--"], 'Cannot use "--": test takes no command | see: portclaim test --help'],
    [["--exact=yes"], "Cannot use --exact=yes: --exact takes no value"],
    [
      ["--exact", "--exact"],
      "Cannot use --exact twice: it takes one value | see: portclaim test --help",
    ],
    [
      ["--prefer", "1", "--prefer", "2"],
      "Cannot use --prefer twice: it takes one value | see: portclaim test --help",
    ],
    [["--service"], "Cannot use --service: it needs a value | type: --service NAME"],
    [["--service", "--exact"], "Cannot use --service: it needs a value | type: --service NAME"],
    [["--lease"], "Cannot use --lease: it needs a value | type: --lease ephemeral|persistent"],
    [
      ["--lease", "persistant"],
      'Cannot use "persistant" for --lease: it is one of ephemeral, persistent | did you mean --lease persistent?',
    ],
    [["--lease", "x"], 'Cannot use "x" for --lease: it is one of ephemeral, persistent'],
    [["1", "2"], 'Cannot use "2": test takes one argument | see: portclaim test --help'],
  ])("%p", (argv, message) => {
    expect(refusal(...argv)).toBe(message);
  });
});

describe("a malformed value", () => {
  test.each(["0", "65536", "-1", "3e3", "3000.5", " 3000", "0x10", "", "web", "٣"])(
    "%p is no port",
    (text) => {
      expect(() => parse(`--prefer=${text}`).port("prefer")).toThrow(
        `Cannot use ${JSON.stringify(text)} for prefer: a port is a number from 1 to 65535`,
      );
    },
  );

  test.each(["0", "-1", "1.5", "2147483648", "99999999999", "me", ""])("%p is no pid", (text) => {
    expect(() => parse(`--pid=${text}`).pid("pid")).toThrow("a process id is a number above 0");
  });

  test.each(["10", "ten", "-1s", ""])("%p is no duration", (text) => {
    expect(() => parse(`--grace=${text}`).duration("grace")).toThrow("a duration is like");
  });

  test("good ones are read", () => {
    const args = parse("--prefer", "65535", "--pid=2147483647", "--grace=1h30m");
    expect([args.port("prefer"), args.pid("pid"), args.duration("grace")]).toEqual([
      65_535,
      2 ** 31 - 1,
      5400,
    ]);
    expect(parse().port("prefer")).toBeUndefined();
  });
});

test.each([
  ["acquire", "acquire"],
  ["aquire", "acquire"],
  ["acqiure", "acquire"],
  ["lst", "list"],
  ["rel", "release"],
  ["REAP", "reap"],
  ["serve", undefined],
  ["x", undefined],
  ["", undefined],
])("%p: was %p meant?", (word, meant) => {
  const commands = ["acquire", "release", "list", "find", "reap", "init"];
  expect(suggest(word, commands)).toBe(meant as string);
});

describe("on the command line", () => {
  test.each([
    [["acquire", "--service", "web", "--prefer", "80000"], '"80000" for prefer'],
    [["acquire", "--service", "web", "--pid", "0"], '"0" for pid'],
    [["acquire", "--service", "web", "--lease", "forever"], '"forever" for --lease'],
    [["acquire", "--service", "web", "--format", "yaml"], '"yaml" for --format'],
    [["acquire", "--service", "web", "--format", "env", "--json"], "--format with --json"],
    [["acquire", "--service", "web", "--wait"], "--wait: acquire has no such flag"],
    [["acquire", "web"], '"web": acquire takes no arguments without a flag'],
    [["acquire", "--service", ""], 'Cannot use "" as service: it is empty'],
    [["acquire", "--service", "a".repeat(129)], "it is longer than 128 characters"],
    [["acquire", "--service", "a\tb"], "it holds characters that can't be printed"],
    [["acquire", "--service", "web", "--agent", "a/b"], 'as agent: it holds a "/"'],
    [["release", "3000", "--service", "web"], "Cannot release both a port and a service"],
    [["release", "web"], '"web" for port'],
    [["reap", "--grace", "10"], '"10" for grace'],
    [["reap", "--lease", "both"], '"both" for --lease'],
    [["list", "--sevice", "web"], "did you mean --service?"],
  ])("%p is misuse, and changes nothing", async (args, part) => {
    await using world = new World();
    const { code, out, err } = await world.run(args);
    expect(err.replaceAll('\\"', '"')).toContain(part);
    expect([code, out]).toEqual([2, ""]);
    expect(await Bun.file(`${world.home}/.lock`).exists()).toBe(false);
  });

  test("emoji and the longest names are fine", async () => {
    await using world = new World();
    const name = "🐢".repeat(128);
    const port = await world.acquire("--service", name, "--project", "👩‍👩‍👧‍👦 – ß");
    expect((await world.run(["find", "--service", name])).out).toBe(`${port}\n`);
  });
});
