import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import Ajv from "ajv";
import { parse } from "smol-toml";
import { CONFIG_TEMPLATE } from "../../registry/config/init.ts";
import { shop } from "../cli/project/shop.ts";
import { marked } from "../git.ts";
import { ROOT, World } from "../harness.ts";

const names = ["portclaim", "config", "claim", "list"];

const schema = (name: string) =>
  JSON.parse(readFileSync(`${ROOT}/schema/${name}.schema.json`, "utf8")) as object;

/** What is wrong with a value by a schema; nothing if it is valid. */
function problems(name: string, value: unknown): unknown[] {
  const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
  const validate = ajv.compile(schema(name));
  return validate(value) ? [] : (validate.errors ?? []);
}

test("there is a schema for each format", () => {
  const found = readdirSync(`${ROOT}/schema`);
  expect(found.toSorted()).toEqual(names.map((name) => `${name}.schema.json`).toSorted());
});

test("claim files and list --json match their schemas", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const { web } = shop(world, root);
  await world.listen(web);
  await world.run(["env"], { cwd: root });
  await world.run(["acquire", "web", "api", "--agent", "x"], {
    cwd: root,
    env: { CODEX_SESSION_ID: "12345678" },
  });
  await world.acquire("web", "--pid", "1", "--prefer", String(await world.listen()));
  const files = readdirSync(`${world.home}/claims`);
  expect(files.length).toBeGreaterThan(3);
  for (const name of files) {
    const claim: unknown = await Bun.file(`${world.home}/claims/${name}`).json();
    expect(problems("claim", claim)).toEqual([]);
  }
  const { out } = await world.run(["list", "--all", "--json"]);
  expect(problems("list", JSON.parse(out))).toEqual([]);
});

const uncommented = (text: string) => text.replaceAll(/^# (?=\[|[a-zA-Z_]+ = )/gm, "");

test("the files that init writes match the schemas that they name", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  await world.run(["init", "--project"], { cwd: root });
  const project = await Bun.file(`${root}/portclaim.toml`).text();
  expect(problems("portclaim", parse(project))).toEqual([]);
  expect(problems("portclaim", parse(uncommented(project)))).toEqual([]);
  expect(problems("config", parse(CONFIG_TEMPLATE))).toEqual([]);
  expect(problems("config", parse(uncommented(CONFIG_TEMPLATE)))).toEqual([]);
  for (const [text, name] of [
    [project, "portclaim"],
    [CONFIG_TEMPLATE, "config"],
  ] as const) {
    const { $id } = schema(name) as { $id: string };
    expect(text).toStartWith(`#:schema ${$id}\n`);
  }
});

test.each([
  ["[services.web]\nport = 80"],
  ['[services.web]\nenv = "PATH"'],
  ['[services.web]\nenv = "NODE_X_PORT"'],
  ['[services.web]\ndir = "../x"'],
  ['[services.web]\ndir = "/x"'],
  ['[env]\nLD_PRELOAD = "{web.port}"'],
  ["[env]\nA_URL = 1"],
  ['[services."a/b"]'],
  ["projct = 1"],
])("a portclaim.toml that is refused doesn't match its schema: %j", (text) => {
  expect(problems("portclaim", parse(text))).not.toEqual([]);
});

test.each([["[pool]\nrange = 1"], ["[reap]\ngrace = 'soon'"], ["[services.web]\nport = 0"]])(
  "a config.toml that is refused doesn't match its schema: %j",
  (text) => expect(problems("config", parse(text))).not.toEqual([]),
);
