import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import manifest from "../../package.json";
import { pack } from "../../scripts/pack.ts";
import { platformManifest } from "../../scripts/platform-package.ts";
import { TARGETS } from "../../scripts/targets.ts";
import { temporaryFolder } from "../harness.ts";

/** The files of the packed tarball, by name. */
async function contents(): Promise<Map<string, string>> {
  using folder = temporaryFolder();
  const archive = new Bun.Archive(readFileSync((await pack(folder.path)).tarball));
  const entries = [...(await archive.files())];
  return new Map(
    await Promise.all(
      entries.map(
        async ([name, file]) => [name.replace("package/", ""), await file.text()] as const,
      ),
    ),
  );
}

const files = await contents();

const typesOf = (name: string) => [`dist/types/${name}.d.cts`, `dist/types/${name}.d.ts`];

test("the package contains what it needs and nothing else", () => {
  const names = [...files.keys()].map((name) => name.replace(/chunk-\w+/, "chunk-…"));
  expect([...new Set(names)].toSorted()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/THIRD-PARTY.md",
    "dist/chunk-….js",
    "dist/cli.js",
    "dist/index.js",
    "dist/node.cjs",
    "dist/node.mjs",
    ...["lib/error", "lib/index", "lib/sync", "lib/types"].flatMap(typesOf),
    ...["errors/errors", "errors/holder", "model/claim"].flatMap((name) =>
      typesOf(`registry/${name}`),
    ),
    "npm/portclaim.bin",
    "package.json",
    ...["claim", "config", "list", "portclaim"].map((name) => `schema/${name}.schema.json`),
  ]);
});

test("it depends on the platforms' packages alone, and runs nothing when it is installed", () => {
  const { dependencies, devDependencies, scripts, ...published } = manifest;
  const optionalDependencies = Object.fromEntries(
    Object.keys(TARGETS).map((target) => [`@portclaim/${target}`, manifest.version]),
  );
  expect(JSON.parse(files.get("package.json") ?? "")).toEqual({
    ...published,
    optionalDependencies,
  });
  expect(Object.keys(dependencies).length * Object.keys(devDependencies).length).toBeGreaterThan(0);
  expect(Object.keys(scripts)).not.toContain("prepare");
});

test("every file that its code imports is there", () => {
  const code = [...files].filter(([name]) => /^dist\/[^/]+\.js$/.test(name));
  const named = code.flatMap(([, text]) => text.match(/(?<=["']\.\/)[\w.-]+\.js(?=["'])/g) ?? []);
  expect(new Set(named).size).toBeGreaterThan(10);
  expect(named.filter((name) => !files.has(`dist/${name}`))).toEqual([]);
});

test("the license of every package in the bundle goes with it", () => {
  const notices = files.get("dist/THIRD-PARTY.md") ?? "";
  const heads = notices.match(/^## .*/gm) ?? [];
  for (const name of Object.keys(manifest.dependencies)) {
    expect(heads.some((head) => head.startsWith(`## ${name} `))).toBe(true);
  }
  expect(notices.match(/permission|redistribution/gi)?.length).toBeGreaterThanOrEqual(heads.length);
});

test("it leaves out the MCP SDK's validator, and schemas of messages that portclaim never sends or gets", () => {
  expect(files.get("dist/THIRD-PARTY.md")).not.toContain("## ajv ");
  const code = [...files].flatMap(([name, text]) => (name.startsWith("dist/chunk-") ? text : []));
  expect(code.filter((text) => text.includes("resources/subscribe"))).toHaveLength(1);
  expect(code.filter((text) => text.includes("speedPriority"))).toEqual([]);
});

test("it contains nothing about the machine that packed it", () => {
  const root = new URL("../..", import.meta.url).pathname.slice(0, -1);
  for (const [name, text] of files) expect([name, text.includes(root)]).toEqual([name, false]);
});

test.each([
  ["linux-x64", { os: ["linux"], cpu: ["x64"], libc: ["glibc"] }],
  ["linux-arm64-musl", { os: ["linux"], cpu: ["arm64"], libc: ["musl"] }],
  ["darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
] as const)("the package for %s is installed where its program runs", (target, where) => {
  const { name, version, ...rest } = platformManifest(target);
  expect(rest).toMatchObject(where);
  expect(Object.hasOwn(rest, "libc")).toBe(target.startsWith("linux"));
  expect([name, version]).toEqual([`@portclaim/${target}`, manifest.version]);
  expect(Object.keys(rest)).not.toContain("scripts");
});
