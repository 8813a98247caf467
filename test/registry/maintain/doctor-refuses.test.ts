import { expect, test } from "bun:test";
import { chownSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { doctor as examine } from "../../../registry/maintain/doctor.ts";
import { Agent } from "../../agent.ts";
import { FakeMachine } from "../../fake-machine.ts";
import { firstLine } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { NOBODY } from "../../privileged.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { doctor, found } from "./broken-registry.ts";

/** A registry with a dead claim in it, which stays where doctor can't be sure of its place. */
async function withDeadClaim(sandbox: ShellSandbox): Promise<string> {
  const agent = await Agent.start(sandbox);
  const port = await agent.acquire("dead");
  await agent.kill();
  return join(sandbox.home, `claims/${port}.json`);
}

needs("Linux").test.each([
  ["a symlink", (path: string) => symlinkSync("/dev/null", path)],
  ["a directory", (path: string) => mkdirSync(path)],
  ["a FIFO", (path: string) => Bun.spawnSync(["mkfifo", path])],
] as const)("a registry whose lock is %s is left alone", async (_what, make) => {
  await using sandbox = new ShellSandbox();
  const dead = await withDeadClaim(sandbox);
  const lock = join(sandbox.home, ".lock");
  rmSync(lock);
  make(lock);
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(1);
  expect(found(checks)).toMatchObject([
    { check: "lock", status: "error", hint: expect.stringContaining(lock) },
  ]);
  expect(existsSync(dead)).toBe(true);
});

needs("root").test.each(["", "claims"])(
  "a registry whose directory %p is another user's is left alone",
  async (name) => {
    await using sandbox = new ShellSandbox();
    const dead = await withDeadClaim(sandbox);
    const path = join(sandbox.home, name);
    chownSync(path, NOBODY, NOBODY);
    const { code, checks } = await doctor(sandbox);
    expect(code).toBe(1);
    expect(found(checks)).toMatchObject([
      {
        check: "home",
        status: "error",
        message: expect.stringContaining(`${NOBODY}`),
        hint: expect.any(String),
      },
    ]);
    expect(existsSync(dead)).toBe(true);
  },
);

needs("Linux").test("a registry that is a file is left alone", async () => {
  await using sandbox = new ShellSandbox();
  rmSync(sandbox.home, { recursive: true });
  sandbox.write("registry", "");
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(1);
  expect(checks).toMatchObject([
    { check: "home", status: "error", message: expect.stringContaining(sandbox.home) },
  ]);
});

test("a registry on a network file system is left alone, unless that is allowed", async () => {
  const machine = new FakeMachine();
  machine.network = "NFS";
  const registry = machine.registry();
  machine.plant(3000, "");
  machine.advance(60);
  expect(found(await examine(registry))).toMatchObject([
    { check: "home", status: "error", message: expect.stringContaining("NFS") },
  ]);
  expect(machine.contents().unreadable.has(3000)).toBe(true);
  expect(machine.locks).toBe(0);

  const allowed = await examine({ ...registry, allowNetwork: true });
  expect(found(allowed)).toMatchObject([
    { check: "home", status: "warning" },
    { check: "file", status: "fixed", port: 3000 },
  ]);
});

needs("Linux").test(
  "a lock that stays held for longer than doctor may wait is an error",
  async () => {
    await using sandbox = new ShellSandbox();
    const dead = await withDeadClaim(sandbox);
    const hold = ["sh", "-c", "echo locked; exec sleep 60"];
    const holder = sandbox.spawn(["flock", "--no-fork", join(sandbox.home, ".lock"), ...hold]);
    expect(await firstLine(holder)).toBe("locked");
    sandbox.env["PORTCLAIM_LOCK_TIMEOUT"] = "100ms";
    const { code, checks } = await doctor(sandbox);
    expect(code).toBe(1);
    expect(found(checks)).toMatchObject([
      { check: "lock", status: "error", message: expect.stringContaining(`${holder.pid}`) },
    ]);
    expect(existsSync(dead)).toBe(true);
  },
);
