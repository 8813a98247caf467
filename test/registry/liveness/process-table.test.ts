import { describe, expect, test } from "bun:test";
import { ProcessTable } from "../../../registry/liveness/process-table.ts";
import type { Claim, Owner } from "../../../registry/model/claim.ts";
import { ownerRecord } from "../../../registry/owner/ownership.ts";
import { AGENT, FakeMachine } from "../../fake-machine.ts";

/** A claim of a process that runs now, with what `changes` says of its owner. */
function claimOf(machine: FakeMachine, pid = AGENT, changes: Partial<Owner> = {}): Claim {
  const owner = { ...ownerRecord(machine, machine.identity(), machine.callerFor(pid)), ...changes };
  return { ...sevenFields(pid), owner };
}

const sevenFields = (pid: number): Claim => ({
  port: 3000,
  pid,
  agent: null,
  project: "my-app",
  service: "web",
  claimed_at: "2026-03-17T14:32:01.123456Z",
  lease: "ephemeral",
});

const lives = (machine: FakeMachine, claim: Claim) => new ProcessTable(machine).liveness(claim);

describe("an owner lives", () => {
  test("while its process runs", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine))).toBe("alive");
  });

  test("row 6: while it is stopped, or the machine was suspended for days", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.sleepThrough(3 * 86_400);
    expect(lives(machine, claim)).toBe("alive");
  });

  test("row 5: whatever the wall clock says", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    for (const hours of [8, -16]) {
      machine.wall += hours * 3600e6;
      expect(lives(machine, claim)).toBe("alive");
    }
  });

  test("row 3: while kill(2) finds it, where its start can't be read", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.start({ pid: AGENT, hidden: true });
    expect(lives(machine, claim)).toBe("alive");
  });

  test("where its start was not known when it claimed", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine, AGENT, { start: null }))).toBe("alive");
  });

  test("by its pid alone, where a file says no more", () => {
    const machine = new FakeMachine();
    expect(lives(machine, sevenFields(AGENT))).toBe("alive");
    machine.start({ pid: AGENT, hidden: true });
    expect(lives(machine, sevenFields(AGENT))).toBe("alive");
    machine.start({ pid: 9000 });
    expect(lives(machine, sevenFields(9000))).toBe("alive");
  });

  test("row 13: as pid 1, if the claim says so", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine, 1))).toBe("alive");
  });
});

describe("an owner is dead", () => {
  test("row 1: once there is no such process", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.end(AGENT);
    expect(lives(machine, claim)).toBe("dead");
    expect(lives(machine, sevenFields(AGENT))).toBe("dead");
  });

  test("row 2: once its pid is another process's", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.end(AGENT);
    machine.advance(1);
    machine.start({ pid: AGENT });
    expect(lives(machine, claim)).toBe("dead");
  });

  test("row 10: once it is a zombie", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.start({ pid: AGENT, start: Number(claim.owner?.start), ended: true });
    expect(lives(machine, claim)).toBe("dead");
    expect(lives(machine, sevenFields(AGENT))).toBe("dead");
  });

  test("row 4: after a reboot, even if another process has its pid and start", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.reboot();
    machine.start({ pid: AGENT, start: Number(claim.owner?.start) });
    expect(lives(machine, claim)).toBe("dead");
  });
});

describe("it is unknown whether an owner lives", () => {
  const elsewhere: [string, Partial<Owner>][] = [
    ["row 8: on another host", { host: "another host", boot: "its boot" }],
    ["row 8: on a host that is not known", { host: null, boot: "its boot" }],
    ["where neither host nor boot is known", { host: null, boot: null }],
    ["row 7: in another pid namespace", { pidns: "4026532999" }],
    ["in a pid namespace that is not known", { pidns: null }],
    ["row 50: in another network namespace", { netns: "4026532888" }],
  ];

  test.each(elsewhere)("%s", (_, changes) => {
    const machine = new FakeMachine();
    machine.start({ pid: 200, namespaces: { pid: "4026532999", net: "4026532888" } });
    expect(lives(machine, claimOf(machine, AGENT, changes))).toBe("unknown");
  });

  test("row 7: outside of the container that this runs in", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine);
    machine.where = { ...machine.where, pidns: "4026532999" };
    machine.end(AGENT);
    expect(lives(machine, claim)).toBe("unknown");
  });

  test("with the same boot on a host of another name, as containers have: by namespaces", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine, AGENT, { host: "another host" }))).toBe("alive");
  });
});

describe("the owner in a pid namespace that may be gone", () => {
  const GONE = { pidns: "4026532999" };

  test("is dead, seen from the first one with every link readable", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("dead");
  });

  test("may live while any process is in that namespace", () => {
    const machine = new FakeMachine();
    machine.start({ pid: 200, namespaces: { pid: GONE.pidns, net: "4026531840" } });
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("unknown");
  });

  test("may live while any process hides a namespace below ours", () => {
    const machine = new FakeMachine();
    machine.start({ pid: 200, namespaces: { pid: null, net: null } });
    machine.isNested = (pid) => pid === 200;
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("unknown");
    machine.isNested = () => false;
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("dead");
  });

  test("may live where other users' processes are hidden", () => {
    const machine = new FakeMachine();
    machine.start({ pid: 1, parent: 0, hidden: true });
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("unknown");
  });

  test("may live, seen from another namespace than the first", () => {
    const machine = new FakeMachine();
    machine.where = { ...machine.where, pidns: "4026532777" };
    expect(lives(machine, claimOf(machine, AGENT, GONE))).toBe("unknown");
  });

  test("of another boot is dead without further checks", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine, AGENT, GONE);
    machine.reboot();
    expect(lives(machine, claim)).toBe("dead");
  });
});

describe("the owner in another network namespace", () => {
  const OTHER = { netns: "4026532888" };

  test("is unknown while it lives, whatever listens here", () => {
    const machine = new FakeMachine();
    expect(lives(machine, claimOf(machine, AGENT, OTHER))).toBe("unknown");
  });

  test("is dead once it has ended and its network with it", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine, AGENT, OTHER);
    machine.end(AGENT);
    expect(lives(machine, claim)).toBe("dead");
  });

  test("is unknown once it has ended, while its server may still run there", () => {
    const machine = new FakeMachine();
    const claim = claimOf(machine, AGENT, OTHER);
    machine.end(AGENT);
    machine.start({ pid: 200, namespaces: { pid: "4026531836", net: OTHER.netns } });
    expect(lives(machine, claim)).toBe("unknown");
  });
});

test("a process descends from its ancestors and from itself, even if they form a circle", () => {
  const machine = new FakeMachine();
  machine.start({ pid: 200, parent: AGENT });
  machine.start({ pid: 201, parent: 200 });
  machine.start({ pid: 300, parent: 301 });
  machine.start({ pid: 301, parent: 300 });
  const processes = new ProcessTable(machine);
  expect(processes.descendsFrom(201, AGENT)).toBe(true);
  expect(processes.descendsFrom(201, 201)).toBe(true);
  expect(processes.descendsFrom(AGENT, 201)).toBe(false);
  expect(processes.descendsFrom(300, AGENT)).toBe(false);
});

test("no process is read twice in one operation", () => {
  const machine = new FakeMachine();
  const read: number[] = [];
  const { process } = machine;
  machine.process = (pid) => {
    read.push(pid);
    return process(pid);
  };
  const claim = claimOf(machine);
  read.length = 0;
  const processes = new ProcessTable(machine);
  for (let i = 0; i < 10; i++) processes.liveness(claim);
  expect(read).toEqual([AGENT]);
});

test("an environment that is empty while its process starts a program is read again", () => {
  const machine = new FakeMachine();
  const server = machine.start({ pid: 4242 });
  const table = new ProcessTable(machine);
  expect(table.variable(4242, "PORT")).toBeUndefined();
  server.env = ["PORT=3000"];
  expect(table.variable(4242, "PORT")).toBe("3000");
});
