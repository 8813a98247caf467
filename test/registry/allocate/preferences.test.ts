import { describe, expect, test } from "bun:test";
import type { AcquireRequest } from "../../../registry/allocate/acquire-request.ts";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { DEFAULTS } from "../../../registry/config/config.ts";
import type { Registry } from "../../../registry/store/registry.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";
import { ask, grant, refusal, scene, small } from "./calls.ts";

describe("precedence", () => {
  const config = {
    ...small(10),
    services: new Map([["web", { port: 4002 }]]),
    projects: new Map([["my-app", { prefer: 4001, range: { first: 5000, last: 5001 } }]]),
  };

  /** What each call in turn gets while the earlier claims remain. */
  async function inTurn(machine: FakeMachine, ...requests: Partial<AcquireRequest>[]) {
    const ports: number[] = [];
    for (const request of requests) {
      machine.start({ pid: 500 + ports.length, argv: ["codex"] });
      machine.parent = 500 + ports.length;
      ports.push((await grant(machine, request, machine.registry(config))).port);
    }
    return ports;
  }

  test("--prefer, the service's port, the project's range, then the pool", async () => {
    const prefer = { prefer: 4005 };
    expect(await inTurn(scene(), prefer, {}, {}, {}, {})).toEqual([4005, 4002, 5000, 5001, 4003]);
  });

  test("the project's port, where the service has none", async () => {
    const api = { services: ["api"] };
    expect(await inTurn(scene(), api, api, api, api)).toEqual([4001, 5000, 5001, 4003]);
  });

  test("the port it had last, after what is preferred", async () => {
    const machine = scene();
    const key = (service: string) => JSON.stringify(["my-app", service, PROJECT]);
    const last = { [key("web")]: 4007, [key("api")]: 5001 };
    machine.memory.put(`${HOME}/.portclaim/last-ports.json`, JSON.stringify(last));
    expect(await inTurn(machine, {}, {})).toEqual([4002, 5000]);
  });
});

describe("where no port is free", () => {
  /** Fills 4000 and 4001 with idle claims of `lease`, the older on 4001. */
  async function full(lease: "ephemeral" | "persistent"): Promise<[FakeMachine, Registry]> {
    const machine = scene();
    const registry = machine.registry(small(2));
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    await ask(machine, { services: ["older"], prefer: 4001, lease }, registry);
    machine.advance(1);
    await ask(machine, { services: ["newer"], lease }, registry);
    machine.advance(600);
    machine.parent = 400;
    return [machine, registry];
  }

  test("the idle ephemeral claims are taken over, the oldest first, and named", async () => {
    const [machine, registry] = await full("ephemeral");
    const first = await grant(machine, {}, registry);
    expect(first).toMatchObject({ port: 4001, how: "new", takenFrom: { service: "older" } });
    const second = await grant(machine, { services: ["api"] }, registry);
    expect(second).toMatchObject({ port: 4000, takenFrom: { service: "newer" } });
    expect(await refusal(machine, { services: ["db"] }, registry)).toMatchObject({
      code: "range-exhausted",
      ranges: "4000-4001",
      message: "no free port in 4000-4001",
    });
  });

  test("the preferred one of them, though another is older", async () => {
    const [machine, registry] = await full("ephemeral");
    const taken = await grant(machine, { prefer: 4000 }, registry);
    expect(taken).toMatchObject({ port: 4000, takenFrom: { service: "newer" } });
    expect(taken.missed).toBeUndefined();
  });

  test("row 40: persistent claims are never taken over", async () => {
    const [machine, registry] = await full("persistent");
    expect(await refusal(machine, {}, registry)).toMatchObject({ code: "range-exhausted" });
    const exact = await refusal(machine, { prefer: 4000, exact: true }, registry);
    expect(exact).toMatchObject({ code: "port-taken", port: 4000, claim: { service: "newer" } });
  });

  test("a claim that is not idle is not taken over", async () => {
    const [machine, registry] = await full("ephemeral");
    machine.listen(4000, 500);
    machine.listen(4001, 500);
    expect(await refusal(machine, {}, registry)).toMatchObject({ code: "range-exhausted" });
  });

  test("both ranges of a project are named", async () => {
    const machine = scene();
    const projects = new Map([["my-app", { range: { first: 5000, last: 5000 } }]]);
    const registry = machine.registry({ ...small(1), projects });
    machine.listen(4000, undefined);
    machine.listen(5000, undefined);
    expect((await refusal(machine, {}, registry))?.message).toEndWith("5000-5000 or 4000-4000");
  });

  test("row 39: thousands of claims end in one round", async () => {
    const machine = scene();
    const seven = { agent: null, project: "p", service: "s", lease: "persistent" };
    const claimed_at = "2026-03-17T14:32:01.123456Z";
    for (let port = 3000; port <= 9999; port++) {
      machine.plant(port, { ...seven, port, pid: AGENT, claimed_at });
    }
    const registry = machine.registry();
    expect(registry.config.range).toEqual(DEFAULTS.range);
    expect(await refusal(machine, {}, registry)).toMatchObject({ code: "range-exhausted" });
    expect(machine.probed).toEqual([]);
  });
});

describe("exactly", () => {
  test.each<[string, (machine: FakeMachine) => void, string]>([
    [
      "claimed",
      (machine) =>
        machine.plant(4000, {
          port: 4000,
          pid: AGENT,
          agent: "codex",
          project: "shop",
          service: "api",
          claimed_at: "2023-11-14T22:13:20Z",
          lease: "ephemeral",
        }),
      `claimed by codex, process ${AGENT}, for "api" in shop (starting, claimed 0s ago)`,
    ],
    [
      "unreadable",
      (machine) => machine.plant(4000, "{"),
      "reserved by an unreadable claim file: not JSON",
    ],
    [
      "bound by a foreign process",
      (machine) => {
        machine.start({ pid: 600, argv: ["/usr/bin/node", "/srv/api/server.js"] });
        machine.listen(4000, 600);
      },
      "in use by node server.js (pid 600)",
    ],
    [
      "bound by another user",
      (machine) => machine.listen(4000, undefined, "0.0.0.0", 33),
      "in use by a process of user 33",
    ],
    [
      "bound without listening",
      (machine) => void machine.bound.set(4000, "used"),
      "bound by a process that doesn't listen",
    ],
    [
      "privileged",
      (machine) => void machine.bound.set(4000, "denied"),
      "privileged: permission denied",
    ],
  ])("a port that is %s is refused, and the error says what uses it", async (_, happen, by) => {
    const machine = scene();
    happen(machine);
    const found = await refusal(machine, { prefer: 4000, exact: true });
    expect(found).toMatchObject({ code: "port-taken", port: 4000, by });
    expect(found?.message).toBe(`port 4000 is ${by}`);
    const other = await grant(machine, { prefer: 4000 });
    expect(other).toMatchObject({ port: 4001, missed: { port: 4000, by } });
  });

  test("a port that only the config prefers counts too", async () => {
    const machine = scene();
    machine.listen(4002, undefined);
    const services = new Map([["web", { port: 4002 }]]);
    const registry = machine.registry({ ...small(10), services });
    expect(await refusal(machine, { exact: true }, registry)).toMatchObject({ port: 4002 });
  });
});

describe("with --pid", () => {
  test("a running server can claim the port that it listens on", async () => {
    const machine = scene();
    machine.start({ pid: 600, argv: ["node", "server.js"] });
    machine.listen(4000, 600);
    const request = { services: ["web"], cwd: PROJECT, prefer: 4000, exact: true };
    const registry = machine.registry(small(10));
    const { grants } = await acquire(registry, request, machine.callerFor(600));
    expect(grants[0]?.claim).toMatchObject({ port: 4000, pid: 600 });
  });

  test("a port with a foreign listener is not granted", async () => {
    const machine = scene();
    machine.start({ pid: 600 });
    machine.start({ pid: 601 });
    machine.listen(4000, 601);
    const request = { services: ["web"], cwd: PROJECT, prefer: 4000, exact: true };
    const asked = acquire(machine.registry(small(10)), request, machine.callerFor(600));
    await expect(asked).rejects.toMatchObject({ reason: { code: "port-taken" } });
  });

  test("row 13: pid 1 may be named", async () => {
    const machine = scene();
    const request = { services: ["web"], cwd: PROJECT };
    const { grants } = await acquire(machine.registry(small(10)), request, machine.callerFor(1));
    expect(grants[0]?.claim.pid).toBe(1);
  });

  test("a process that has exited, or never existed, can't be named", () => {
    const machine = scene();
    machine.start({ pid: 600, ended: true });
    expect(() => machine.callerFor(600)).toThrow(
      "cannot claim a port for process 600: it has exited",
    );
    expect(() => machine.callerFor(601)).toThrow("no such process");
  });
});
