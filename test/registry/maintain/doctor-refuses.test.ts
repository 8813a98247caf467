import { beforeAll, describe, expect, test } from "bun:test";
import { chownSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { doctor as examine } from "../../../registry/maintain/doctor.ts";
import { Agent } from "../../agent.ts";
import { FakeMachine } from "../../fake-machine.ts";
import { isRoot, NOBODY } from "../../privileged.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { Stage } from "../../stage.ts";
import { doctor, found } from "./broken-registry.ts";

beforeAll(buildBinary);

describe("where nothing may be touched, nothing is", () => {
  /** A registry with a dead claim in it, which stays where doctor can't be sure of its place. */
  async function withDeadClaim(stage: Stage) {
    const agent = await Agent.start(stage);
    const line = "portclaim acquire --service dead";
    const { out } = await agent.exec(["bash", "-c", line], { detached: true });
    await agent.kill();
    return join(stage.home, `claims/${Number(out)}.json`);
  }

  test.each([
    ["a symlink", (path: string) => symlinkSync("/dev/null", path)],
    ["a directory", (path: string) => Bun.spawnSync(["mkdir", path])],
    ["a FIFO", (path: string) => Bun.spawnSync(["mkfifo", path])],
  ] as const)("the lock is %s", async (_what, make) => {
    await using stage = new Stage();
    const dead = await withDeadClaim(stage);
    const lock = join(stage.home, ".lock");
    rmSync(lock);
    make(lock);
    const { code, checks } = await doctor(stage);
    expect(code).toBe(1);
    expect(found(checks)).toMatchObject([
      { check: "lock", status: "error", hint: `remove it: rm -r ${lock}` },
    ]);
    expect(existsSync(dead)).toBe(true);
  });

  test.if(isRoot).each(["", "claims"])("the folder %p is another user's", async (name) => {
    await using stage = new Stage();
    const dead = await withDeadClaim(stage);
    const path = join(stage.home, name);
    chownSync(path, NOBODY, NOBODY);
    const { code, checks } = await doctor(stage);
    expect(code).toBe(1);
    expect(found(checks)).toMatchObject([
      { check: "home", status: "error", hint: expect.any(String) },
    ]);
    expect(found(checks)[0]?.message).toContain(`belongs to user ${NOBODY}, not to 0`);
    expect(existsSync(dead)).toBe(true);
  });

  test("the home is a file", async () => {
    await using stage = new Stage();
    rmSync(stage.home, { recursive: true });
    stage.write("registry", "");
    const { code, checks } = await doctor(stage);
    expect(code).toBe(1);
    expect(checks).toMatchObject([
      { check: "home", status: "error", message: `${stage.home}: it is not a directory` },
    ]);
  });

  test("it is on a network file system, unless that is allowed", async () => {
    const machine = new FakeMachine();
    machine.network = "NFS";
    const registry = machine.registry();
    machine.plant(3000, "");
    machine.advance(60);
    const refused = await examine(registry);
    expect(refused.filter(({ status }) => status !== "ok")).toMatchObject([
      { check: "home", status: "error", message: expect.stringContaining("(NFS)") },
    ]);
    expect(machine.contents().unreadable.has(3000)).toBe(true);
    expect(machine.locks).toBe(0);

    const allowed = await examine({ ...registry, allowNetwork: true });
    expect(allowed.filter(({ status }) => status !== "ok")).toMatchObject([
      { check: "home", status: "warning" },
      { check: "file", status: "fixed", port: 3000 },
    ]);
  });

  test("somebody holds the lock for longer than doctor may wait", async () => {
    await using stage = new Stage();
    const dead = await withDeadClaim(stage);
    const lock = join(stage.home, ".lock");
    const holder = stage.spawn([
      "flock",
      "--no-fork",
      lock,
      "sh",
      "-c",
      "echo locked; exec sleep 60",
    ]);
    await holder.stdout.getReader().read();
    stage.env["PORTCLAIM_LOCK_TIMEOUT"] = "100ms";
    const { code, checks } = await doctor(stage);
    expect(code).toBe(1);
    expect(found(checks)).toMatchObject([
      { check: "lock", status: "error", message: expect.stringContaining(`process ${holder.pid}`) },
    ]);
    expect(existsSync(dead)).toBe(true);
  });
});
