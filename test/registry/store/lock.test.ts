import { describe, expect, test } from "bun:test";
import { RegistryError } from "../../../registry/errors/errors.ts";
import { acquireLock } from "../../../registry/store/lock.ts";
import { transact } from "../../../registry/store/transaction.ts";
import { FakeMachine, HOME } from "../../fake-machine.ts";

const PATH = `${HOME}/.portclaim/.lock`;

async function refusal(action: () => Promise<unknown>): Promise<RegistryError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a lock that is held", () => {
  const take = (machine: FakeMachine, timeout: number, onWait?: (pid?: number) => void) =>
    acquireLock(machine, machine.registry().home, { timeout, ...(onWait && { onWait }) });

  test("row 17: is given up at the deadline, and its holder named", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    const { message, reason } = await refusal(() => take(machine, 5));
    expect(message).toBe(`process 77 is holding the lock ${PATH}`);
    expect(reason).toEqual({ code: "locked", path: PATH, pid: 77 });
    expect(machine.awake - 1000).toBeCloseTo(5, 1);
    expect(machine.lockedBy).toBe(77);
  });

  test("is given up even if its holder is unknown", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    machine.lockHolder = () => undefined;
    expect((await refusal(() => take(machine, 1))).message).toStartWith(
      "another process is holding the lock",
    );
  });

  test("is waited for, and reported once, after half a second", async () => {
    const machine = new FakeMachine();
    const told: [number | undefined, number][] = [];
    machine.lockedBy = 77;
    await refusal(() => take(machine, 3, (pid) => told.push([pid, machine.awake - 1000])));
    expect(told).toHaveLength(1);
    expect(told[0]?.[0]).toBe(77);
    expect(told[0]?.[1]).toBeWithin(0.5, 0.6);
  });

  test("is taken as soon as it is free, without a message if that is soon", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    machine.freedAfter = 8;
    const told: unknown[] = [];
    using _lock = await take(machine, 5, (pid) => told.push(pid));
    expect(machine.lockedBy).toBe(machine.pid);
    expect(machine.awake - 1000).toBeLessThan(0.5);
    expect(told).toEqual([]);
  });

  test("is asked for once if the timeout is 0", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    await refusal(() => take(machine, 0));
    expect(machine.awake).toBe(1000);
  });

  test("is waited for in the kernel, if that is possible, until it is reported and then to the end", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    const waits: number[] = [];
    machine.lockWithin = (_path, milliseconds) => {
      waits.push(milliseconds);
      machine.advance(milliseconds / 1000);
      return "late";
    };
    const told: unknown[] = [];
    await refusal(() => take(machine, 5, (pid) => told.push(pid)));
    expect(waits.map(Math.round)).toEqual([500, 4500]);
    expect(told).toEqual([77]);
  });

  test("is never waited for in the kernel on a network file system, which may not wake up", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    machine.network = "NFS";
    machine.lockWithin = () => {
      throw new Error("it waited");
    };
    expect((await refusal(() => take(machine, 1))).reason.code).toBe("locked");
  });

  test("row 5: is waited for as long, whatever happens to the wall clock", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    const { pause } = machine;
    machine.pause = (milliseconds) => {
      machine.wall -= 3600e6;
      pause(milliseconds);
    };
    await refusal(() => take(machine, 2));
    expect(machine.awake - 1000).toBeCloseTo(2, 1);
  });
});

describe("a change of the registry", () => {
  test("is made under the lock, which is released afterwards", async () => {
    const machine = new FakeMachine();
    const holder = await transact(machine.registry(), () => machine.lockedBy);
    expect(holder).toBe(machine.pid);
    expect(machine.lockedBy).toBeUndefined();
  });

  test("sees what was written before it got the lock", async () => {
    const machine = new FakeMachine();
    machine.lockedBy = 77;
    machine.freedAfter = 3;
    const { pause } = machine;
    machine.pause = (milliseconds) => {
      machine.plant(3000, "written meanwhile");
      pause(milliseconds);
    };
    const seen = await transact(machine.registry(), ({ unreadable }) => [...unreadable.keys()]);
    expect(seen).toEqual([3000]);
  });

  test("that fails releases the lock", async () => {
    const machine = new FakeMachine();
    const failing = transact(machine.registry(), () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(machine.lockedBy).toBeUndefined();
  });

  test("row 27: that can't read every claim is not made, and releases the lock", async () => {
    const machine = new FakeMachine();
    machine.plant(3000, "{}");
    machine.faults.fail("read", "3000.json", "EMFILE");
    let made = false;
    const change = transact(machine.registry(), () => (made = true));
    await expect(change).rejects.toMatchObject({ code: "EMFILE" });
    expect([made, machine.lockedBy]).toEqual([false, undefined]);
  });

  test("row 23: on a network file system is refused before the lock is touched", async () => {
    const machine = new FakeMachine();
    machine.network = "NFS";
    const { message, reason } = await refusal(() => transact(machine.registry(), () => {}));
    expect(reason).toEqual({ code: "network-home", path: `${HOME}/.portclaim`, type: "NFS" });
    expect(message).toContain("is on a network file system (NFS)");
    expect(machine.locks).toBe(0);
    const allowed = { ...machine.registry(), allowNetwork: true };
    expect(await transact(allowed, () => "made")).toBe("made");
  });

  test("row 22: is not made where the file system can't lock", async () => {
    const machine = new FakeMachine();
    machine.tryLock = () => {
      throw Object.assign(new Error("flock"), { code: "ENOLCK" });
    };
    const change = transact(machine.registry(), () => "made");
    await expect(change).rejects.toMatchObject({ code: "ENOLCK" });
  });
});
