import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { World } from "../harness.ts";

/** What doctor says of the guard. */
async function said(world: World, env: Record<string, string> = {}): Promise<object[]> {
  const { out } = await world.run(["doctor", "--json"], { env });
  const checks = JSON.parse(out) as { check: string; status: string; message: string }[];
  return checks.filter(({ check }) => check === "guard");
}

function addHook(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const hooks = { PreToolUse: [{ hooks: [{ type: "command", command: "portclaim guard x" }] }] };
  writeFileSync(path, JSON.stringify({ hooks }));
}

test("doctor says nothing of the guard where no agent asks it", async () => {
  await using world = new World();
  expect(await said(world, { PORTCLAIM_GUARD: "off" })).toEqual([]);
});

test("doctor says which agents ask the guard, by the user's hooks or the project's", async () => {
  await using world = new World();
  addHook(`${world.env["HOME"]}/.claude/settings.json`);
  addHook(`${world.cwd}/.qwen/settings.json`);
  expect(await said(world)).toMatchObject([
    { status: "ok", message: "the guard answers claude-code, qwen" },
  ]);
});

test("doctor knows that Claude Code's plugin asks the guard, as long as it is enabled", async () => {
  await using world = new World();
  const path = `${world.env["HOME"]}/.claude/settings.json`;
  mkdirSync(dirname(path));
  const enable = (enabledPlugins: object) =>
    writeFileSync(path, JSON.stringify({ enabledPlugins }));
  enable({ "portclaim@portclaim": true, "other@portclaim": false });
  expect(await said(world)).toMatchObject([{ message: "the guard answers claude-code" }]);
  enable({ "portclaim@portclaim": false, "other@portclaim": true });
  expect(await said(world)).toEqual([]);
});

test("doctor warns of a guard that lets every command through though an agent asks it", async () => {
  await using world = new World();
  addHook(`${world.env["HOME"]}/.claude/settings.json`);
  const warns = (message: string) => [
    { status: "warning", message: expect.stringContaining(message) },
  ];
  expect(await said(world, { PORTCLAIM_GUARD: "off" })).toMatchObject(warns("PORTCLAIM_GUARD=off"));
  world.write("registry/config.toml", "[guard]\nenabled = false\n");
  expect(await said(world)).toMatchObject(warns("off by config.toml"));
  world.write("registry/config.toml", "[guard\n");
  expect(await said(world)).toMatchObject(warns("while config.toml is broken"));
});
