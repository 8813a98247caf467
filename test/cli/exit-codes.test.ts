import { describe, expect, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { World } from "../harness.ts";

type Setting = (world: World) => Promise<unknown> | unknown;
const nothing: Setting = () => {};

/** A registry that two projects use. */
const twoProjects: Setting = async (world) => {
  await world.acquire("--service", "db", "--project", "shop");
  await world.acquire("--service", "db", "--project", "blog");
};

const CASES: [number, string, string[], Setting][] = [
  [1, "exists", ["init"], (world) => world.run(["init"])],
  [1, "unsafe-home", ["acquire", "--service", "web"], ({ home }) => chmodSync(home, 0o777)],
  [
    1,
    "ENOTDIR",
    ["list"],
    ({ home }) => (rmSync(home, { recursive: true }), writeFileSync(home, "")),
  ],
  [2, "usage", ["acquire"], nothing],
  [2, "invalid", ["acquire", "--service", "web", "--exact"], nothing],
  [2, "usage", ["release"], nothing],
  [2, "usage", ["find"], nothing],
  [2, "usage", ["frobnicate"], nothing],
  [2, "invalid", ["acquire", "--service", "a/b"], nothing],
  [2, "invalid", ["acquire", "--service", "web", "--pid", "1999999999"], nothing],
  [4, "ambiguous", ["release", "--service", "db"], twoProjects],
  [4, "not-found", ["find", "--service", "web"], nothing],
  [4, "not-found", ["release", "3000"], nothing],
  [4, "not-found", ["release", "--project", "none"], nothing],
];

describe("a command that fails exits with the code for its reason, and reports it as JSON if asked", () => {
  test.each(CASES)("%d: %s: %p", async (exit, code, args, set) => {
    await using world = new World();
    await set(world);
    const found = await world.run([...args, "--json"]);
    const { error } = JSON.parse(found.err) as { error: Record<string, string> };
    expect(error["code"]).toBe(code);
    expect(error["message"]).not.toMatch(/^[A-Z]/);
    expect(error["message"]).not.toEndWith(".");
    expect(found.out).toBe("");
    expect(found.code).toBe(exit);
  });
});

test("2: an unknown command gets a suggestion", async () => {
  await using world = new World();
  expect(await world.run(["aquire"])).toEqual({
    code: 2,
    out: "",
    err: 'portclaim: unknown command "aquire"; did you mean acquire?\n',
  });
  expect((await world.run(["constructor"])).err).toContain("run: portclaim --help");
});

test("1: another owner's claim in another directory is left alone", async () => {
  await using world = new World();
  const owner = world.spawn(["sleep", "60"]);
  const pid = String(owner.pid);
  const port = String(await world.acquire("--service", "web", "--pid", pid));
  const { code, err } = await world.run(["release", port, "--json"], { cwd: "/" });
  expect(JSON.parse(err)).toMatchObject({
    error: {
      code: "not-owner",
      message: `port ${port} is claimed by sleep (pid ${pid}) for "web" in my-app, in ${world.cwd} (starting)`,
      hint: expect.stringContaining("--force") as string,
    },
  });
  expect(code).toBe(1);
});

test("4: an error about a missing claim names the claims that there are", async () => {
  await using world = new World();
  await world.acquire("--service", "web");
  const { code, err } = await world.run(["find", "--service", "api"]);
  expect(err).toBe('portclaim: no claim for service "api"\nhint: claimed services: web\n');
  expect(code).toBe(4);
});

describe("0", () => {
  test.each([
    [["--help"], "Usage"],
    [["-h"], "Usage"],
    [["help"], "Usage"],
    [[], "Usage"],
    [["acquire", "--help"], "--prefer"],
    [["acquire", "-h"], "--prefer"],
    [["help", "reap"], "--max-age"],
    [["--version"], "."],
    [["version"], "."],
    [["list", "--help", "--json"], "--agent"],
  ])("%p prints what was asked for, in plain text", async (args, part) => {
    await using world = new World();
    const { code, out, err } = await world.run(args);
    expect(out).toContain(part);
    expect(out).not.toContain("\u001b");
    expect(err).toBe("");
    expect(code).toBe(0);
  });
});
