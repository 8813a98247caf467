import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { compile } from "../../scripts/bundle.ts";
import { targetOf } from "../../scripts/head.ts";
import { TARGETS } from "../../scripts/targets.ts";
import { World } from "../harness.ts";

// An emulated call takes a second, and more on a busy machine.
const SLOW = 120_000;
const EMULATOR = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];
const world = new World();
const program = world.path("portclaim");
const command = [...(process.arch === "arm64" ? [] : EMULATOR), program];
const run = (...args: string[]) => world.exec([...command, ...args]);

setDefaultTimeout(SLOW);
beforeAll(() => compile(program, TARGETS["linux-arm64"]), SLOW);
afterAll(() => world[Symbol.asyncDispose]());

test("the program for linux-arm64 is an arm64 program", async () => {
  expect(await targetOf(program)).toBe("linux-arm64");
});

test("on arm64, a port is acquired, listed and released", async () => {
  const acquired = await run("acquire", "--service", "web");
  expect([acquired.code, acquired.err]).toEqual([0, ""]);
  const port = Number(acquired.out);
  const listed = await run("list", "--json");
  expect(JSON.parse(listed.out)).toMatchObject([
    { port, pid: process.pid, service: "web", state: "starting" },
  ]);
  // This machine's program reads the same files.
  expect(await world.list()).toMatchObject([{ port, pid: process.pid, state: "starting" }]);
  expect((await run("release", String(port))).code).toBe(0);
  expect(await world.claim(port)).toBeUndefined();
});

test("on arm64, listeners are found, and a held lock is waited for", async () => {
  const port = await world.listen();
  const acquired = await run("acquire", "--service", "api", "--prefer", String(port));
  expect(Number(acquired.out)).not.toBe(port);
  expect(acquired.err).toContain(`port ${port}`);
  await world.exec(["flock", `${world.home}/.lock`, "true"]);
  const holder = world.spawn(["flock", "--no-fork", `${world.home}/.lock`, "sleep", "1000"]);
  const { code, err } = await world.exec([...command, "acquire", "--service", "other"], {
    env: { PORTCLAIM_LOCK_TIMEOUT: "700ms" },
  });
  holder.kill();
  expect(code).toBe(5);
  expect(err).toContain("is holding the lock");
});
