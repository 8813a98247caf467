import { describe, expect, test } from "bun:test";
import type { Command } from "../../cli/command.ts";
import { candidates, type Commands, type Question } from "../../cli/completions/candidates.ts";
import type { Option } from "../../cli/parse/options.ts";

const command = (name: string, options: Record<string, Option>): Command => ({
  name,
  about: "",
  options,
  examples: [],
  output: "json",
  run: () => Promise.resolve(),
});

const flag = (more: Partial<Option> = {}): Option => ({
  type: "text",
  summary: "a flag",
  ...more,
});

const COMMANDS: Commands = Object.fromEntries(
  [
    command("take", {
      service: flag({ multiple: true, short: "s" }),
      lease: flag({ type: "choice", choices: ["long", "short"] }),
      exact: flag({ type: "flag" }),
    }),
    command("tell", {
      port: flag({ type: "port", plain: true, onlyPlain: true }),
      project: flag(),
    }),
    command("end", { port: flag({ type: "port", plain: true, onlyPlain: true }) }),
  ].map((one) => [
    one.name,
    {
      group: "Look" as const,
      summary: `what ${one.name} does`,
      aliases: [`also-${one.name}`],
      load: () => Promise.resolve(one),
    },
  ]),
);

const asked: Question[] = [];

/** What is offered for a line; its last word is being typed. */
async function offered(line: string): Promise<string[]> {
  const found = await candidates(line.split(" "), {
    commands: COMMANDS,
    values(question) {
      asked.push(question);
      return [`${question.name}-1`, `${question.name}-2`].map((value) => ({
        value,
        description: "",
      }));
    },
  });
  return found.map(({ value }) => value);
}

const cases: [line: string, offered: string[]][] = [
  ["", ["take", "tell", "end"]],
  ["t", ["take", "tell"]],
  ["x", []],
  ["--", ["--help", "--version"]],
  ["help t", ["take", "tell"]],
  ["help take ", []],
  ["constructor ", []],
  ["take ", ["--service", "--lease", "--exact", "--json", "--text", "--help"]],
  ["take --e", ["--exact"]],
  ["take --exact --e", []],
  ["take --service web --s", ["--service"]],
  ["take --lease long --l", []],
  ["take --lease=long --l", []],
  ["take --lease ", ["long", "short"]],
  ["take --lease s", ["short"]],
  ["take --lease=", ["--lease=long", "--lease=short"]],
  ["take --lease=s", ["--lease=short"]],
  ["take -s ", ["service-1", "service-2"]],
  ["take -s web --l", ["--lease"]],
  ["also-tell --j", ["--json"]],
  ["take --service ", ["service-1", "service-2"]],
  ["take --service=service-2", ["--service=service-2"]],
  ["take --unknown=", []],
  ["take --unknown ", ["--service", "--lease", "--exact", "--json", "--text", "--help"]],
  ["tell ", ["port-1", "port-2"]],
  ["tell --project x port", ["port-1", "port-2"]],
  ["tell 3000 ", ["--project", "--json", "--text", "--help"]],
  ["tell 3000 port", []],
  ["take --service web -- --", []],
];

test.each(cases)("%j is offered %j", async (line, expected) => {
  expect(await offered(line)).toEqual(expected);
});

test("values are requested with the line so far", async () => {
  asked.length = 0;
  await offered("tell --project my-app --json ");
  await offered("take --lease=long --service web --service ");
  expect(asked.map(({ command: name, given }) => [name, Object.fromEntries(given)])).toEqual([
    ["tell", { project: "my-app", json: "" }],
    ["take", { lease: "long", service: "web" }],
  ]);
});

describe("a command and a flag", () => {
  const sources = { commands: COMMANDS, values: () => [] };
  test("come with what they are for", async () => {
    expect(await candidates(["tak"], sources)).toEqual([
      { value: "take", description: "what take does" },
    ]);
    expect(await candidates(["take", "--exa"], sources)).toEqual([
      { value: "--exact", description: "a flag" },
    ]);
  });
});
