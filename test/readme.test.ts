import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { COMMANDS } from "../cli/commands.ts";
import { ROOT } from "./harness.ts";
import { disagreements, type Documented, impossibleCalls } from "./readme.ts";

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
const page = readFileSync(`${ROOT}/README.md`, "utf8");

describe("the README", () => {
  test("has every command and every flag that exists, and no other", () => {
    expect(commands.length).toBeGreaterThan(10);
    expect(disagreements(page, commands)).toEqual([]);
  });

  test("shows no line that portclaim would refuse", () => {
    expect(impossibleCalls(page, commands)).toEqual([]);
  });

  test("says of its cost what the bench wrote", () => {
    const [, cost = ""] = page.split("## What it costs\n");
    const [section = ""] = cost.split("\n## ");
    const rows = section.split("\n").filter((line) => /^\| .*\d/.test(line));
    const results = readFileSync(`${ROOT}/bench/RESULTS.md`, "utf8").split("\n");
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => !results.includes(row))).toEqual([]);
  });

  test("names every variable that is read", () => {
    const files = [
      ...new Bun.Glob("{native,registry,cli,mcp,ui,lib}/**/*.{ts,tsx}").scanSync(ROOT),
    ];
    const text = files.map((file) => readFileSync(`${ROOT}/${file}`, "utf8")).join("\n");
    const variables = new Set(text.match(/\bPORTCLAIM_[A-Z_]+\b/g));
    expect(variables).toContain("PORTCLAIM_HOME");
    expect([...variables].filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });
});

const DECLARED: Documented[] = [
  {
    name: "take",
    args: {
      port: { type: "positional", description: "" },
      lease: { type: "enum", description: "", options: ["long", "short"] },
      exact: { type: "boolean", description: "" },
      name: { type: "string", description: "" },
    },
  },
  { name: "tell", args: {} },
];

const GOOD = `
### \`portclaim take\`

| flag | what |
|---|---|
| \`--lease long\\|short\`, \`--exact\` | like \`--other\` |
| \`--name NAME\` | |

### \`portclaim tell\`

Tells.
`;

describe("a page is refused", () => {
  const cases: [fault: string, page: string][] = [
    ["portclaim take: --exact is missing", GOOD.replace(", `--exact`", "")],
    ["portclaim take: there is no --force", GOOD.replace("`--exact`", "`--exact`, `--force`")],
    ["portclaim take: --exact takes no value", GOOD.replace("--exact", "--exact YES")],
    ["portclaim take: --name takes a value", GOOD.replace("--name NAME", "--name")],
    ["portclaim take: --lease is one of long|short", GOOD.replace("long\\|short", "long")],
    ["portclaim tell is missing", GOOD.replace("portclaim tell", "other")],
    ["there is no portclaim sing", `${GOOD}\n### \`portclaim sing\`\n`],
    ["portclaim tell: there is no --loud", `${GOOD}\n| \`--loud\` | |\n`],
  ];
  test.each(cases)("%s", (fault, text) => {
    expect(text).not.toBe(GOOD);
    expect(disagreements(text, DECLARED)).toEqual([fault]);
  });
  test("unless all is well", () => expect(disagreements(GOOD, DECLARED)).toEqual([]));
});

test("lines that can't be typed are found, in blocks and in text", () => {
  const lines = [
    "```sh",
    "PORT=$(portclaim take --exact) # portclaim sing",
    "portclaim take --loud | portclaim tell --json && portclaim sing",
    "claude mcp add portclaim sh; bunx portclaim take --lease=long -- cmd --any",
    "```",
    "Type `portclaim take --name x` or `portclaim shout`, not portclaim whisper.",
  ];
  expect(impossibleCalls(lines.join("\n"), DECLARED)).toEqual(["take --loud", "sing", "shout"]);
});
