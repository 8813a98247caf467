import { describe, expect, test } from "bun:test";
import type { Lease } from "../../../registry/model/claim.ts";
import { FakeMachine } from "../../fake-machine.ts";
import { claim, OWNER, run } from "./orphans.ts";

describe("reap", () => {
  const states: [string, Lease, (machine: FakeMachine, port: number) => void, string[]][] = [
    ["starting", "ephemeral", () => {}, ["kept", "starting"]],
    ["starting", "persistent", () => {}, ["kept", "starting"]],
    ["idle", "ephemeral", (machine) => machine.advance(600), ["released", "idle"]],
    ["idle", "persistent", (machine) => machine.advance(600), ["kept", "idle"]],
    [
      "dead",
      "persistent",
      (machine) => void (machine.end(OWNER), machine.advance(10)),
      ["reaped", "dead"],
    ],
  ];

  test.each(states)("%s and %s", async (_, lease, happen, settled) => {
    const machine = new FakeMachine();
    const port = await claim(machine, lease);
    happen(machine, port);
    expect(await run(machine)).toEqual([settled as [never, never]]);
    expect(machine.claim(port) !== undefined).toBe(settled[0] === "kept");
  });

  test("doesn't mention claims that are in use", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.listen(port, OWNER);
    machine.advance(100_000);
    expect(await run(machine)).toEqual([]);
    expect(await run(machine, { grace: 0 })).toEqual([]);
  });

  test("with a grace of 0 releases what is not bound yet", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    expect(await run(machine, { grace: 0 })).toEqual([["released", "idle"]]);
    expect(machine.claim(port)).toBeUndefined();
  });

  test("never touches claims that it can't see, whatever the options", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.where = { ...machine.where, host: "another", boot: "another" };
    machine.advance(100_000);
    expect(await run(machine, { grace: 0, maxAge: 0 })).toEqual([["kept", "unknown"]]);
    expect(machine.claim(port)?.service).toBe("web");
  });

  test("with a maximum age ends older ephemeral claims in any state, and no persistent one", async () => {
    const machine = new FakeMachine();
    const used = await claim(machine);
    machine.listen(used, OWNER);
    machine.advance(3600);
    const young = await claim(machine);
    machine.listen(young, OWNER);
    expect(await run(machine, { maxAge: 1800 })).toEqual([["released", "listening"]]);
    expect([machine.claim(used)?.port, machine.claim(young)?.port]).toEqual([undefined, young]);
    const lasting = await claim(machine, "persistent");
    machine.listen(lasting, OWNER);
    machine.advance(7200);
    await run(machine, { maxAge: 1800 });
    expect(machine.claim(lasting)?.port).toBe(lasting);
  });

  test("a maximum age goes by the wall clock, as people count days", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.listen(port, OWNER);
    machine.sleepThrough(7200);
    expect(await run(machine, { maxAge: 3600 })).toEqual([["released", "listening"]]);
  });

  test("of one lease leaves the other alone, even if it is dead", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine, "persistent");
    machine.end(OWNER);
    machine.advance(10);
    expect(await run(machine, { lease: "ephemeral" })).toEqual([]);
    expect(machine.claim(port)?.port).toBe(port);
    expect(await run(machine, { lease: "persistent" })).toEqual([["reaped", "dead"]]);
  });

  test("in a dry run reports the same, changes nothing, and needs no lock", async () => {
    const machine = new FakeMachine();
    const [first, second] = [await claim(machine), await claim(machine)];
    machine.listen(second, 310);
    machine.start({ pid: 310 });
    machine.end(OWNER);
    machine.advance(10);
    machine.lockedBy = 77;
    const before = JSON.stringify([...machine.memory.nodes]);
    const told = await run(machine, { dryRun: true });
    expect(told).toEqual([
      ["reaped", "dead"],
      ["handed-over", "orphaned"],
    ]);
    expect(JSON.stringify([...machine.memory.nodes])).toBe(before);
    machine.lockedBy = undefined;
    expect(await run(machine)).toEqual(told);
    expect([machine.claim(first)?.pid, machine.claim(second)?.pid]).toEqual([undefined, 310]);
  });

  test("row 24: that can't write an adoption leaves the old claim unchanged", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.start({ pid: 310 });
    machine.listen(port, 310);
    machine.end(OWNER);
    machine.faults.fail("create", `${port}.json.tmp`, "ENOSPC");
    await expect(run(machine)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(machine.claim(port)?.pid).toBe(OWNER);
    expect(machine.lockedBy).toBeUndefined();
  });
});
