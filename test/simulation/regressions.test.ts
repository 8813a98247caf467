import { describe, expect, test } from "bun:test";
import { acquire } from "../../registry/allocate/acquire.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { AGENT, FakeMachine, PROJECT } from "../fake-machine.ts";
import { SOURCE, World } from "../harness.ts";

// Bugs that the model and the fault tests have found, each in its smallest form.

const SHELL = 200;

/** A claim on 3000 from a throwaway shell that has ended, as its owner then does. */
async function claimed(machine: FakeMachine): Promise<void> {
  machine.start({ pid: SHELL, argv: ["bash", "-c", "portclaim acquire"] });
  const request = { services: ["web"], cwd: PROJECT };
  await acquire(machine.registry(), request, machine.caller(SHELL));
  for (const pid of [SHELL, AGENT]) machine.end(pid);
  machine.advance(1);
}

const stateOf = (machine: FakeMachine) =>
  new Snapshot(machine.registry()).state(machine.claim(3000) as Claim);

const acquireOther = (machine: FakeMachine) => {
  machine.start({ pid: 300, parent: 1, argv: ["codex"] });
  return acquire(machine.registry(), { services: ["api"], cwd: "/srv" }, machine.callerFor(300));
};

describe("a process group's number that another group got later", () => {
  test("is no reason to wait for a server", async () => {
    const machine = new FakeMachine();
    await claimed(machine);
    machine.start({ pid: SHELL, parent: 1, cwd: "/srv" });
    expect(stateOf(machine)).toBe("dead");
  });

  test("doesn't make its server adopt a claim", async () => {
    const machine = new FakeMachine();
    await claimed(machine);
    machine.start({ pid: SHELL, parent: 1, cwd: "/srv" });
    machine.listen(3000, SHELL);
    await acquireOther(machine);
    expect(machine.claim(3000)).toBeUndefined();
  });
});

describe("a reboot", () => {
  test("leaves no one to wait for, though the number of a claim's group is in use again", async () => {
    const machine = new FakeMachine();
    await claimed(machine);
    machine.reboot();
    machine.start({ pid: 201, parent: 1, group: SHELL, cwd: "/srv" });
    expect(stateOf(machine)).toBe("dead");
  });

  test("restarts the age of a claim that its server adopts afterwards", async () => {
    const machine = new FakeMachine();
    await claimed(machine);
    machine.reboot();
    machine.start({ pid: 400, parent: 1 });
    machine.listen(3000, 400);
    await acquireOther(machine);
    expect(machine.claim(3000)?.pid).toBe(400);
    machine.unlisten(3000);
    machine.advance(601);
    expect(stateOf(machine)).toBe("idle");
  });
});

test("a server that starts just before its owner ends keeps its claim, though both are looked at", async () => {
  const machine = new FakeMachine();
  for (const [service, owner] of [
    ["first", 201],
    ["second", 202],
  ] as const) {
    machine.start({ pid: owner, parent: 1 });
    machine.advance(1);
    const request = { services: [service], cwd: PROJECT };
    await acquire(machine.registry(), request, machine.callerFor(owner));
  }
  machine.end(201);
  const look = machine.listeners;
  machine.listeners = () => {
    const found = look();
    if (!machine.processes.has(400)) {
      machine.start({ pid: 400, parent: 1 });
      machine.listen(3001, 400);
      machine.end(202);
    }
    return found;
  };
  await acquireOther(machine);
  expect(machine.processes.has(202)).toBeFalse();
  await acquireOther(machine);
  expect(machine.claim(3001)).toMatchObject({ service: "second", pid: 400 });
});

test("the port that the first of several services prefers goes to no other", async () => {
  const machine = new FakeMachine();
  const ask = (services: string[], prefer?: number) =>
    acquire(
      machine.registry(),
      { services, cwd: PROJECT, ...(prefer !== undefined && { prefer }) },
      machine.callerFor(AGENT),
    );
  machine.advance(1);
  await ask(["web"]);
  machine.advance(11);
  const { grants } = await ask(["web", "api"], 2000);
  expect(grants.map(({ claim, how }) => [claim.port, how])).toEqual([
    [3000, "again"],
    [3001, "new"],
  ]);
});

test.each(["acquire --service web", "find --service web"])(
  "in a directory that was removed, %s says so, as for any failure",
  async (line) => {
    await using world = new World();
    const gone = world.path("gone");
    const script = `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec "$@"`;
    const command = [...SOURCE, ...line.split(" ")];
    const { code, err } = await world.exec(["sh", "-c", script, "sh", ...command]);
    expect(err).toStartWith("portclaim: cannot ");
    expect(err).not.toContain("    at ");
    expect(code).toBe(1);
  },
);

test("a wait of months doesn't end after a millisecond", async () => {
  await using world = new World();
  const port = await world.listen();
  const { code, err } = await world.run(["wait", String(port), "--timeout", "90d"]);
  expect([code, err]).toEqual([0, ""]);
});

test("a config that is too large is an error, and isn't read in part", async () => {
  await using world = new World();
  const padding = `# ${"x".repeat(1022)}\n`.repeat(1100);
  await Bun.write(`${world.home}/config.toml`, `${padding}[pool]\nrange = "22000-22009"\n`);
  const { code, out } = await world.run(["acquire", "--service", "web"]);
  expect([code, out]).toEqual([1, ""]);
});
