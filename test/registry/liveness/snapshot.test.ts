import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { Snapshot } from "../../../registry/liveness/snapshot.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { AGENT, FakeMachine, PROJECT } from "../../fake-machine.ts";

const GRACE = 600;

const look = (machine: FakeMachine) => new Snapshot(machine.registry(), { grace: GRACE });
const state = (machine: FakeMachine, claim: Claim) => look(machine).state(claim);

/** Claims a port for the caller on whose behalf `parent` asks; the claim is in the registry. */
async function claimBy(machine: FakeMachine, parent = AGENT): Promise<Claim> {
  const request = { services: ["web"], cwd: PROJECT };
  const { grants } = await acquire(machine.registry(), request, machine.caller(parent));
  return grants[0]?.claim as Claim;
}

/** An agent's throwaway shell: `sh -c "portclaim acquire …"`, in a process group of its own. */
function throwaway(machine: FakeMachine, pid = 400): number {
  machine.start({ pid, parent: AGENT, argv: ["/bin/sh", "-c", "portclaim acquire"] });
  machine.start({ pid: machine.pid, parent: pid, group: pid, argv: ["portclaim", "acquire"] });
  return pid;
}

describe("the six states", () => {
  test("starting: alive, not bound, younger than the grace", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    expect(state(machine, claim)).toBe("starting");
    machine.advance(GRACE - 1);
    expect(state(machine, claim)).toBe("starting");
  });

  test("idle: alive, not bound, older than the grace", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.advance(GRACE);
    expect(state(machine, claim)).toBe("idle");
  });

  test("listening: alive and bound, however old, whatever listens", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.listen(claim.port, undefined);
    expect(state(machine, claim)).toBe("listening");
    machine.advance(10 * GRACE);
    expect(state(machine, claim)).toBe("listening");
  });

  test("orphaned: dead and bound", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.start({ pid: 200 });
    machine.listen(claim.port, 200);
    machine.end(AGENT);
    expect(state(machine, claim)).toBe("orphaned");
  });

  test("dead: dead and not bound", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine, throwaway(machine));
    machine.end(400);
    machine.end(machine.pid);
    machine.end(AGENT);
    expect(state(machine, claim)).toBe("dead");
  });

  test("unknown: on another host, bound here or not", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.where = { ...machine.where, host: "another", boot: "another" };
    expect(state(machine, claim)).toBe("unknown");
    machine.listen(claim.port, 200);
    expect(state(machine, claim)).toBe("unknown");
  });
});

describe("row 5: the wall clock decides nothing", () => {
  test.each([8, -8])("set by %d hours", async (hours) => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.wall += hours * 3600e6;
    expect(look(machine).age(claim)).toBe(0);
    expect(state(machine, claim)).toBe("starting");
    machine.advance(GRACE);
    expect(look(machine).age(claim)).toBe(GRACE);
    expect(state(machine, claim)).toBe("idle");
  });
});

test("row 6: the grace doesn't pass in suspend", async () => {
  const machine = new FakeMachine();
  const claim = await claimBy(machine);
  machine.sleepThrough(8 * 3600);
  expect(look(machine).age(claim)).toBe(0);
  expect(state(machine, claim)).toBe("starting");
});

describe("a seven-field claim", () => {
  const seven = (machine: FakeMachine, seconds: number): Claim => ({
    port: 3000,
    pid: AGENT,
    agent: null,
    project: "my-app",
    service: "web",
    claimed_at: new Date(machine.wall / 1000 - seconds * 1000).toISOString(),
    lease: "ephemeral",
  });

  test("ages by the wall clock, since it has no other time", () => {
    const machine = new FakeMachine();
    expect(state(machine, seven(machine, GRACE - 1))).toBe("starting");
    expect(state(machine, seven(machine, GRACE + 1))).toBe("idle");
  });

  test("of the future is new", () => {
    const machine = new FakeMachine();
    expect(look(machine).age(seven(machine, -3600))).toBe(0);
    expect(state(machine, seven(machine, -3600))).toBe("starting");
  });

  test("is dead with its process, since no other process is known to wait", () => {
    const machine = new FakeMachine();
    machine.end(AGENT);
    expect(state(machine, seven(machine, 1))).toBe("dead");
  });
});

describe("what may still be about to bind, while the owner lives", () => {
  const awaited = (machine: FakeMachine, claim: Claim) =>
    new Snapshot(machine.registry(), { grace: GRACE, caller: machine.caller(AGENT) }).isAwaited(
      claim,
    );

  test("a throwaway shell's group, as long as another process is in it", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine, throwaway(machine));
    expect(claim).toMatchObject({ pid: AGENT, owner: { group: 400, throwaway: true } });
    expect(awaited(machine, claim)).toBe(true);
    machine.end(400);
    expect(awaited(machine, claim)).toBe(false);
    machine.start({ pid: 401, group: 400 });
    expect(awaited(machine, claim)).toBe(true);
  });

  test("a zombie of that group waits for nothing", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine, throwaway(machine));
    machine.start({ pid: 400, ended: true });
    expect(awaited(machine, claim)).toBe(false);
  });

  test("a caller in the owner's own group, for ten seconds", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.advance(9.9);
    expect(awaited(machine, claim)).toBe(true);
    machine.advance(0.1);
    expect(awaited(machine, claim)).toBe(false);
  });

  test("after that, while a descendant lives that started since", async () => {
    const machine = new FakeMachine();
    machine.start({ pid: 200 });
    machine.advance(1);
    const claim = await claimBy(machine);
    machine.advance(20);
    expect(awaited(machine, claim)).toBe(false);
    machine.start({ pid: 201 });
    machine.start({ pid: 202, parent: 201 });
    expect(awaited(machine, claim)).toBe(true);
    machine.end(201);
    expect(awaited(machine, claim)).toBe(false);
  });

  test("the shell that asked, where it shares the owner's group, for as long as it lives", async () => {
    const machine = new FakeMachine();
    machine.start({ pid: 300, argv: ["bash", "dev.sh"] });
    machine.start({ pid: 310, parent: 300, group: 300, argv: ["sh", "-c", "portclaim acquire"] });
    machine.advance(1);
    const claim = await claimBy(machine, 310);
    expect(claim).toMatchObject({ pid: 300, owner: { group: 300, shell: { pid: 310 } } });
    machine.advance(20);
    expect(awaited(machine, claim)).toBe(true);
    machine.end(310);
    machine.advance(0.01);
    machine.start({ pid: 310, parent: 1, group: 310 });
    expect(awaited(machine, claim)).toBe(false);
  });

  test("not the current call: neither its wrappers, nor what it is piped to", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.advance(20);
    const shell = throwaway(machine);
    machine.start({ pid: 500, parent: shell, group: shell, argv: ["jq"] });
    const snapshot = new Snapshot(machine.registry(), {
      grace: GRACE,
      caller: machine.caller(shell),
    });
    expect(snapshot.isAwaited(claim)).toBe(false);
  });

  test("but processes that its shell had started before", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine);
    machine.advance(20);
    const shell = throwaway(machine);
    machine.start({ pid: 500, parent: shell, group: shell, start: machine.startClock() - 1 });
    const snapshot = new Snapshot(machine.registry(), {
      grace: GRACE,
      caller: machine.caller(shell),
    });
    expect(snapshot.isAwaited(claim)).toBe(true);
  });
});

describe("a young claim whose owner ended", () => {
  test("stays starting while its throwaway shell's group lives", async () => {
    const machine = new FakeMachine();
    const claim = await claimBy(machine, throwaway(machine));
    machine.start({ pid: 401, group: 400 });
    machine.end(400);
    machine.end(machine.pid);
    machine.end(AGENT);
    expect(state(machine, claim)).toBe("starting");
    machine.advance(GRACE);
    expect(state(machine, claim)).toBe("dead");
  });

  test("of a script stays starting for ten seconds, then while its group has a younger member", async () => {
    const machine = new FakeMachine();
    machine.start({ pid: 300, argv: ["bash", "dev.sh"] });
    const claim = await claimBy(machine, 300);
    expect(claim.pid).toBe(300);
    machine.end(300);
    expect(state(machine, claim)).toBe("starting");
    machine.advance(10);
    expect(state(machine, claim)).toBe("dead");
    machine.start({ pid: 301, group: 300 });
    expect(state(machine, claim)).toBe("starting");
  });

  test("of --pid is dead at once, since no other process was named", async () => {
    const machine = new FakeMachine();
    machine.start({ pid: 300, argv: ["bash"] });
    const request = { services: ["web"], cwd: PROJECT };
    const { grants } = await acquire(machine.registry(), request, machine.callerFor(300));
    machine.start({ pid: 301, group: 300 });
    machine.end(300);
    expect(state(machine, grants[0]?.claim as Claim)).toBe("dead");
  });
});
