import { describe, expect, test } from "bun:test";
import { defineCommand } from "../../../cli/command.ts";
import { parseArguments } from "../../../cli/parse/argv.ts";
import type { Declared } from "../../../cli/parse/options.ts";
import { suggest, suggestFlag } from "../../../cli/parse/suggest.ts";
import { unknownCommand } from "../../../cli/parse/unknown-command.ts";
import { World } from "../../harness.ts";

const DECLARED: Declared = {
  name: "test",
  options: {
    target: { type: "port", summary: "", value: "PORT", plain: true, onlyPlain: true },
    service: { type: "text", summary: "", value: "NAME", short: "s", multiple: true, plain: true },
    prefer: { type: "port", summary: "", value: "PORT", short: "p" },
    pid: { type: "pid", summary: "" },
    grace: { type: "duration", summary: "" },
    exact: { type: "flag", summary: "" },
    lease: { type: "choice", summary: "", choices: ["ephemeral", "persistent"] },
  },
};

const DECLARED_PORT = { prefer: { type: "port", summary: "" } } as const;

const parse = (...argv: string[]) => parseArguments(DECLARED, argv).values;

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

test("options and plain words come in any order", () => {
  const values = parse(
    "--service",
    "web",
    "3000",
    "--exact",
    "--service=api",
    "--lease=persistent",
  );
  expect(values).toEqual({
    target: 3000,
    service: ["web", "api"],
    prefer: undefined,
    pid: undefined,
    grace: undefined,
    exact: true,
    lease: "persistent",
    json: false,
    text: false,
    help: false,
  });
});

test("a plain word is a port if it is all digits, and else a service", () => {
  expect(parse("web", "3000", "api")).toMatchObject({ target: 3000, service: ["web", "api"] });
  expect(parse("3000")).toMatchObject({ target: 3000, service: [] });
  expect(parse("3000a")).toMatchObject({ target: undefined, service: ["3000a"] });
});

test("a short option stands for its long one", () => {
  expect(parse("-s", "web", "-p", "3000")).toMatchObject({ service: ["web"], prefer: 3000 });
  expect(parse("-p=3000")).toMatchObject({ prefer: 3000 });
  expect(parse("-p3000")).toMatchObject({ prefer: 3000 });
});

test("--help works even if other words are wrong", () => {
  expect(parse("3000", "3001", "--prefer", "x", "-h")).toEqual({ help: true });
});

test("the name of an option that a command doesn't declare doesn't compile", () => {
  defineCommand({
    name: "test",
    about: "",
    output: "bare",
    options: DECLARED_PORT,
    examples: [],
    async run(values) {
      // @ts-expect-error: it is "prefer"
      void values.prefre;
    },
  });
});

test("a value may be empty, hold an equals sign, or begin with one dash", () => {
  const values = parse("--service=", "--service=a=b", "--service", "-x", "--service=--x");
  expect(values["service"]).toEqual(["", "a=b", "-x", "--x"]);
});

test("words after -- are kept unchanged, if the command takes them", () => {
  const command = { ...DECLARED, rest: "COMMAND" };
  expect(parseArguments(command, ["web", "--", "vite", "--help"])).toMatchObject({
    values: { service: ["web"], help: false },
    rest: ["vite", "--help"],
  });
  expect(parseArguments(command, ["web"]).rest).toBeUndefined();
});

const HELP = "run: portclaim test --help";

describe("refused:", () => {
  test.each([
    [["--servce", "web"], "unknown flag --servce; did you mean --service?"],
    [["--port", "3000"], "unknown flag --port; did you mean --prefer?"],
    [["-exact"], "unknown flag -exact; did you mean --exact?"],
    [["--wrong"], `unknown flag --wrong | ${HELP}`],
    [["-x"], `unknown flag -x | ${HELP}`],
    [["--constructor"], `unknown flag --constructor | ${HELP}`],
    [["--target", "3000"], "unknown flag --target | leave it out: portclaim test 3000"],
    [["--dir", "x"], "unknown flag --dir | run portclaim in that directory"],
    [["-sweb"], `unknown flag -sweb | ${HELP}`],
    [["--json", "--text"], "--text can't be used with --json"],
    [["--"], 'test takes no "--" | to run a command on the port: portclaim run web -- npm run dev'],
    [["--exact=yes"], "--exact takes no value"],
    [["--exact", "--exact"], `--exact can only be given once | ${HELP}`],
    [["--prefer", "1", "-p", "2"], `-p can only be given once | ${HELP}`],
    [["--service"], "missing value for --service | type: --service NAME"],
    [["--service", "--exact"], "missing value for --service | type: --service NAME"],
    [["--lease"], "missing value for --lease | type: --lease ephemeral|persistent"],
    [["--lease", "persistant"], '--lease: unknown value "persistant"; did you mean persistent?'],
    [["--lease", "x"], '--lease: unknown value "x"; expected ephemeral or persistent'],
    [["70000"], '"70000" is not a port; expected a number from 1 to 65535'],
    [["1", "2"], "missing service; to ask for port 2, use --prefer 2"],
    [["web", "1", "2"], "unexpected port 2; to ask for it, use --prefer 2"],
    [["1", "2", "web"], "unexpected port 2; to ask for it, use --prefer 2"],
  ])("%p", (argv, message) => {
    expect(refusal(...argv)).toBe(message);
  });

  const other = (options: Declared["options"], ...argv: string[]) =>
    parseArguments({ name: "test", options }, argv);
  const service = { type: "text", summary: "", plain: true } as const;
  const port = { type: "port", summary: "", plain: true, onlyPlain: true } as const;

  test("a plain word that no option takes", () => {
    expect(() => other({}, "web")).toThrow('unexpected argument "web"; test takes no arguments');
    expect(() => other({ port, service }, "web", "api")).toThrow(
      'unexpected argument "api"; test takes one port or service',
    );
  });

  test("a port where only a service can be meant", () => {
    expect(() => other({ service }, "3000")).toThrow("unexpected port 3000");
    expect(other({ port, service }, "3000").values).toMatchObject({ port: 3000 });
  });
});

describe("a command without -- before it", () => {
  const run = { ...DECLARED, name: "run", rest: "COMMAND" };
  test.each([
    ["web vite --host", "web -- vite --host"],
    ["--service web vite --host", "--service web -- vite --host"],
    ["web --prefer 3000 vite --host", "web --prefer 3000 -- vite --host"],
    ["npm run dev --host", "web -- npm run dev --host"],
  ])("%p: it is shown where it belongs", (line, shown) => {
    const hint = `put -- before the command: portclaim run ${shown}`;
    expect(() => parseArguments(run, line.split(" "))).toThrow(expect.objectContaining({ hint }));
  });

  test("a flag after a service alone is portclaim's", () => {
    expect(() => parseArguments(run, ["web", "--port", "3000"])).toThrow("did you mean --prefer?");
  });
});

describe("a malformed value", () => {
  test.each(["0", "65536", "-1", "3e3", "3000.5", " 3000", "0x10", "", "web", "٣"])(
    "%p isn't a port",
    (text) => {
      expect(() => parse(`--prefer=${text}`)).toThrow(
        `--prefer: ${JSON.stringify(text)} is not a port; expected a number from 1 to 65535`,
      );
    },
  );

  test.each(["0", "-1", "1.5", "2147483648", "99999999999", "me", ""])("%p isn't a pid", (text) => {
    expect(() => parse(`--pid=${text}`)).toThrow("is not a process id; expected a number above 0");
  });

  test.each(["10", "ten", "-1s", ""])("%p isn't a duration", (text) => {
    expect(() => parse(`--grace=${text}`)).toThrow("is not a duration; expected");
  });

  test("a duration without a unit gets a suggestion", () => {
    expect(() => parse("--grace=10")).toThrow("expected a unit, like 10s");
  });

  test("valid values are read", () => {
    expect(parse("--prefer", "65535", "--pid=2147483647", "--grace=1h30m")).toMatchObject({
      prefer: 65_535,
      pid: 2 ** 31 - 1,
      grace: 5400,
    });
  });
});

test.each([
  ["--port", "--prefer"],
  ["--name", "--service"],
  ["--owner", "--pid"],
  ["--target", undefined],
])("%p: was the flag %p meant?", (flag, meant) => {
  expect(suggestFlag(flag, DECLARED.options)).toBe(meant as string);
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

test.each([
  ["aquire", 'unknown command "aquire"; did you mean acquire?'],
  ["claim", 'unknown command "claim"; did you mean acquire?'],
  ["dashboard", 'unknown command "dashboard"; did you mean http?'],
  ["kill", 'unknown command "kill" | to stop your own server: portclaim stop web'],
  ["3000", 'unknown command "3000" | to see what uses port 3000: portclaim who 3000'],
  ["-v", "unknown flag -v; did you mean --version?"],
  ["--verison", "unknown flag --verison; did you mean --version?"],
  ["--service", "missing command before --service | run: portclaim --help"],
  ["frobnicate", 'unknown command "frobnicate" | run: portclaim --help'],
  ["constructor", 'unknown command "constructor" | run: portclaim --help'],
])("%p isn't a command, and the error says what was meant", (word, answer) => {
  const { message, hint } = unknownCommand(word, [], ["acquire", "stop", "http"]);
  expect([message, hint].filter(Boolean).join(" | ")).toBe(answer);
});

describe("on the command line", () => {
  test.each([
    [["acquire", "--service", "web", "--prefer", "80000"], '--prefer: "80000" is not a port'],
    [["acquire", "--service", "web", "--pid", "0"], '--pid: "0" is not a process id'],
    [["acquire", "--service", "web", "--lease", "forever"], '--lease: unknown value "forever"'],
    [["acquire", "--service", "web", "--format", "yaml"], '--format: unknown value "yaml"'],
    [["acquire", "--service", "web", "--format", "env", "--json"], "--format"],
    [["acquire", "--service", "web", "--wait"], "unknown flag --wait"],
    [["acquire"], "missing service"],
    [["acquire", "3000"], "to ask for port 3000, use --prefer 3000"],
    [["acquire", "web", "3000"], "to ask for it, use --prefer 3000"],
    [["acquire", "web", "--", "vite"], "portclaim run web -- "],
    [["find", "3000"], "portclaim who 3000"],
    [["run", "web", "vite"], "put -- before the command: portclaim run web -- vite"],
    [["run", "npm", "run", "dev"], "portclaim run web -- npm run dev"],
    [["run", "web", "it's"], String.raw`portclaim run web -- 'it'\''s'`],
    [["acquire", "--service", ""], "service"],
    [["acquire", "--service", "a".repeat(129)], "is longer than 128 characters"],
    [["acquire", "--service", "a\tb"], "service"],
    [["acquire", "--service", "web", "--agent", "a/b"], "agent"],
    [["release", "3000", "--service", "web"], "port"],
    [["reap", "--grace", "10"], '--grace: "10" is not a duration'],
    [["reap", "--lease", "both"], '--lease: unknown value "both"'],
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
