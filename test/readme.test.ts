import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { COMMANDS } from "../cli/commands.ts";
import { commandsPage } from "../scripts/commands-page.ts";
import { ROOT } from "./harness.ts";
import { type Declared, impossibleCalls } from "./readme.ts";

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
const read = (file: string) => readFileSync(`${ROOT}/${file}`, "utf8");
const pages = [
  "README.md",
  ...readdirSync(`${ROOT}/docs`)
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

test("docs/commands.md is what `bun run docs` writes", async () => {
  expect(commands.length).toBeGreaterThan(10);
  expect(read("docs/commands.md")).toBe(await commandsPage());
});

test.each(pages)("%s shows no line that portclaim would refuse", (page) => {
  expect(impossibleCalls(read(page), commands)).toEqual([]);
});

test.each(pages)("%s links to files that exist", (page) => {
  const folder = page.includes("/") ? "docs/" : "";
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    ([, link]) => link ?? "",
  );
  const missing: string[] = [];
  for (const link of links) {
    const path = new URL(`${folder}${link}`, `file://${ROOT}/`).pathname;
    if (!existsSync(path)) missing.push(link);
  }
  expect(missing).toEqual([]);
});

test("every test that the documentation names exists", () => {
  const named = pages.flatMap((page) => [...read(page).matchAll(/`([\w/-]+\.test\.ts)`/g)]);
  const files = [...new Set(named.map(([, file = ""]) => file))];
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(`${ROOT}/test/${file}`))).toEqual([]);
});

test("docs/performance.svg shows what the benchmark wrote", () => {
  const shown = [...read("docs/performance.svg").matchAll(/>([\d.]+) ms</g)].map(
    ([, time]) => time,
  );
  const [, table = ""] = read("bench/RESULTS.md").split("## One call");
  const cells = [...table.matchAll(/^\| .* \| ([\d.]+) \| [\d.]+–/gm)].map(([, ms]) => Number(ms));
  expect(shown.length).toBeGreaterThan(10);
  // Both are rounded: the picture to fewer digits.
  const wrong = shown.filter((text, i) => {
    const isRounded = text?.includes(".") === true;
    return !(Math.abs(Number(text) - (cells[i] ?? Number.NaN)) < (isRounded ? 0.06 : 0.6));
  });
  expect(wrong).toEqual([]);
});

test("every variable that is read is documented", () => {
  const files = new Bun.Glob("{native,registry,cli,mcp,ui,lib,setup,guard}/**/*.{ts,tsx}").scanSync(
    ROOT,
  );
  const text = [...files].map(read).join("\n");
  const variables = new Set(text.match(/\bPORTCLAIM_[A-Z_]+\b/g));
  const docs = pages.map(read).join("\n");
  expect(variables).toContain("PORTCLAIM_HOME");
  expect([...variables].filter((name) => !docs.includes(`\`${name}`))).toEqual([]);
});

const DECLARED: Declared[] = [
  {
    name: "take",
    options: {
      service: { type: "text", summary: "", short: "s", plain: true },
      lease: { type: "choice", summary: "", choices: ["long", "short"] },
      exact: { type: "flag", summary: "" },
    },
    rest: "COMMAND",
  },
  { name: "tell", options: { name: { type: "text", summary: "" } } },
];

describe("lines that can't be typed are found", () => {
  test("in blocks and in text", () => {
    const lines = [
      "```sh",
      "PORT=$(portclaim take --exact) # portclaim sing",
      "portclaim take --loud | portclaim tell --json && portclaim sing",
      "claude mcp add portclaim sh; bunx portclaim take web --lease=long -- cmd --any",
      "portclaim tell loudly; portclaim tell --name x; portclaim tell -- cmd",
      "```",
      "Type `portclaim take -s x` or `portclaim shout`, not portclaim whisper.",
    ];
    expect(impossibleCalls(lines.join("\n"), DECLARED)).toEqual([
      "take --loud",
      "sing",
      "tell loudly",
      "tell -- cmd",
      "shout",
    ]);
  });
});
