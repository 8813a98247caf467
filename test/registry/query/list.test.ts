import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import type { Here } from "../../../registry/config/checkout.ts";
import type { RegistryError } from "../../../registry/errors/errors.ts";
import { findClaim } from "../../../registry/query/find.ts";
import { listClaims } from "../../../registry/query/list.ts";
import type { Named } from "../../../registry/query/scope.ts";
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
  test("shows the current state of every claim, by port", async () => {
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

  test("shows those that match", async () => {
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

  test("reports unreadable claims, by port", async () => {
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
    named: Named,
    here: Here = { cwd: PROJECT, project: "my-app" },
  ) => {
    const found = findClaim(machine.registry(), named, here, { reach: "machine" });
    return [found.best.port, ...found.others.map(({ port }) => port)];
  };
  const reason = (machine: FakeMachine, named: Named, here?: Here) => {
    try {
      return find(machine, named, here);
    } catch (error) {
      return (error as RegistryError).reason;
    }
  };

  test("finds the claim of the same directory, though the project has a newer one elsewhere", async () => {
    const machine = await scene();
    const other = { services: ["web"], cwd: `${HOME}/worktree/my-app`, prefer: 4003 };
    machine.advance(1);
    await acquire(machine.registry(), other, machine.caller());
    expect(find(machine, { service: "web" })).toEqual([4002]);
    const shop = { cwd: `${HOME}/shop`, project: "shop" };
    expect(find(machine, { service: "web" }, shop)).toEqual([4000]);
  });

  test("from elsewhere, finds the only match on the machine, and none of several", async () => {
    const machine = await scene();
    const nowhere = { cwd: "/srv", project: "srv" };
    expect(find(machine, { service: "api" }, nowhere)).toEqual([4001]);
    expect(reason(machine, { service: "web" }, nowhere)).toMatchObject({ code: "ambiguous" });
  });

  test("finds by project, or by a service of one", async () => {
    const machine = await scene();
    expect(find(machine, { project: "my-app" })).toEqual([4001, 4002]);
    expect(find(machine, { project: "shop", service: "web" })).toEqual([4000]);
  });

  test("neither finds nor suggests dead claims", async () => {
    const machine = await scene();
    machine.end(AGENT);
    machine.advance(60);
    expect(reason(machine, { service: "web" })).toMatchObject({ code: "not-found", choices: [] });
  });

  test("names what there is instead", async () => {
    const machine = await scene();
    expect(reason(machine, { service: "db", project: "shop" })).toMatchObject({
      code: "not-found",
      what: 'service "db" in project "shop"',
      choices: ["api", "web"],
    });
  });
});
