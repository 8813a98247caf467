import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { findClaims } from "../../../registry/query/find.ts";
import { listClaims } from "../../../registry/query/list.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";

async function claim(
  machine: FakeMachine,
  service: string,
  prefer: number,
  cwd = PROJECT,
  agent?: string,
) {
  const request = { services: [service], cwd, prefer, ...(agent && { agent }) };
  await acquire(machine.registry(), request, machine.caller(AGENT));
}

async function scene(): Promise<FakeMachine> {
  const machine = new FakeMachine();
  await claim(machine, "web", 4002, PROJECT, "codex");
  machine.advance(1);
  await claim(machine, "api", 4001);
  machine.advance(1);
  await claim(machine, "web", 4000, `${HOME}/shop`);
  return machine;
}

const ports = (machine: FakeMachine, filter = {}) =>
  listClaims(machine.registry(), filter).claims.map(({ port }) => port);

describe("list", () => {
  test("tells of every claim, by port, what is so now", async () => {
    const machine = await scene();
    machine.start({ pid: 600, argv: ["node", "/srv/server.js"], cwd: PROJECT, start: 99_000 });
    machine.listen(4002, 600, "::1");
    machine.listen(4002, 600, "127.0.0.1");
    machine.listen(4001, undefined, "0.0.0.0", 33);
    const { claims } = listClaims(machine.registry());
    expect(claims).toMatchObject([
      { port: 4000, project: "shop", state: "starting", age: 0, listeners: [] },
      {
        port: 4001,
        state: "listening",
        age: 1,
        listeners: [{ pid: null, command: null, cwd: null, addresses: ["0.0.0.0"], uid: 33 }],
      },
      {
        port: 4002,
        agent: "codex",
        state: "listening",
        age: 2,
        listeners: [
          {
            pid: 600,
            command: "node server.js",
            cwd: PROJECT,
            addresses: ["127.0.0.1", "::1"],
            uid: 1000,
          },
        ],
      },
    ]);
  });

  test("tells of those that fit", async () => {
    const machine = await scene();
    expect(ports(machine, { project: "my-app" })).toEqual([4001, 4002]);
    expect(ports(machine, { service: "web" })).toEqual([4000, 4002]);
    expect(ports(machine, { agent: "codex" })).toEqual([4002]);
    expect(ports(machine, { service: "web", project: "shop", agent: "codex" })).toEqual([]);
  });

  test("needs no lock, and changes nothing", async () => {
    const machine = await scene();
    machine.end(AGENT);
    machine.lockedBy = 77;
    const before = JSON.stringify([...machine.memory.nodes]);
    expect(ports(machine)).toEqual([4000, 4001, 4002]);
    expect(JSON.stringify([...machine.memory.nodes])).toBe(before);
    expect(machine.probed.length).toBe(3);
  });

  test("tells of what can't be understood, by port", async () => {
    const machine = await scene();
    machine.plant(4009, "{");
    machine.plant(4005, "");
    expect(listClaims(machine.registry()).unreadable).toEqual([
      { port: 4005, problem: "empty" },
      { port: 4009, problem: "not JSON" },
    ]);
  });

  test("row 8: doesn't take a listener here for the server of a claim of another host", async () => {
    const machine = await scene();
    machine.listen(4000, 600);
    machine.where = { ...machine.where, host: "another", boot: "another" };
    expect(listClaims(machine.registry()).claims[0]).toMatchObject({
      state: "unknown",
      listeners: [],
    });
  });
});

describe("find", () => {
  const find = (
    machine: FakeMachine,
    request: object,
    here = { cwd: PROJECT, project: "my-app" },
  ) => {
    const found = findClaims(machine.registry(), request, here);
    return [found.best.port, ...found.others.map(({ port }) => port)];
  };

  test("means the same directory first, then the project, then the newest", async () => {
    const machine = await scene();
    expect(find(machine, { service: "web" })).toEqual([4002, 4000]);
    const shop = { cwd: `${HOME}/shop`, project: "shop" };
    expect(find(machine, { service: "web" }, shop)).toEqual([4000, 4002]);
    const below = { cwd: `${PROJECT}/packages`, project: "my-app" };
    expect(find(machine, { service: "web" }, below)).toEqual([4002, 4000]);
    const nowhere = { cwd: "/", project: "root" };
    expect(find(machine, { service: "web" }, nowhere)).toEqual([4000, 4002]);
  });

  test("means the same directory, though the project has a newer one elsewhere", async () => {
    const machine = await scene();
    const other = { services: ["web"], cwd: `${HOME}/worktree/my-app`, prefer: 4003 };
    machine.advance(1);
    await acquire(machine.registry(), other, machine.caller());
    expect(find(machine, { service: "web" })).toEqual([4002, 4003, 4000]);
  });

  test("means a project, or a service of one", async () => {
    const machine = await scene();
    expect(find(machine, { project: "my-app" })).toEqual([4001, 4002]);
    expect(find(machine, { project: "shop", service: "web" })).toEqual([4000]);
  });

  test("doesn't find the dead", async () => {
    const machine = await scene();
    machine.end(AGENT);
    machine.advance(60);
    expect(() => find(machine, { service: "web" })).toThrow('no claim for service "web"');
  });

  test("says what there is instead", async () => {
    const machine = await scene();
    try {
      find(machine, { service: "db", project: "shop" });
      throw new Error("it was found");
    } catch (error) {
      expect(error).toMatchObject({
        message: 'no claim for service "db" in project "shop"',
        reason: { code: "not-found", choices: ["web", "api"] },
      });
    }
  });
});
