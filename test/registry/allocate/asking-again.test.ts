import { describe, expect, test } from "bun:test";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";
import { ask, grant, nextCall, scene, startShell } from "./calls.ts";

describe("asking again", () => {
  test("gives the same port to a dev server that was restarted", async () => {
    const machine = scene();
    const { port } = await grant(machine);
    machine.listen(port, 600);
    nextCall(machine);
    expect(await grant(machine)).toMatchObject({ port: port + 1, how: "new" });
    machine.unlisten(port);
    nextCall(machine);
    expect(await grant(machine)).toMatchObject({ port: port + 1, how: "again" });
  });

  test("comes before any preference, unless it is exact", async () => {
    const machine = scene();
    await grant(machine);
    nextCall(machine);
    expect(await grant(machine, { prefer: 4005 })).toMatchObject({ port: 4000, how: "again" });
    nextCall(machine);
    const exact = await grant(machine, { prefer: 4005, exact: true });
    expect(exact).toMatchObject({ port: 4005, how: "new" });
  });

  test("restarts the age of the claim", async () => {
    const machine = scene();
    await grant(machine);
    nextCall(machine, 100);
    await grant(machine);
    expect(machine.claim(4000)?.owner?.at).toBe("1100.000000");
  });

  test.each([
    ["another service", { services: ["api"] }],
    ["another project", { project: "other" }],
    ["another directory", { cwd: `${PROJECT}/packages/web`, project: "my-app" }],
  ])("for %s is not asking again", async (_, request) => {
    const machine = scene();
    await grant(machine);
    nextCall(machine);
    expect(await grant(machine, request)).toMatchObject({ port: 4001, how: "new" });
  });

  test.each([
    ["while its shell still forks the rest of the pipeline", 11, "again"],
    ["but not while a subshell of an earlier command runs", 10, "new"],
  ])("in an interactive shell gives the same port %s", async (_, forkedAfter, how) => {
    const machine = new FakeMachine();
    machine.parent = machine.start({ pid: 300, argv: ["zsh"] }).pid;
    const call = { pid: machine.pid, parent: 300, argv: ["portclaim", "acquire"] };
    machine.start(call);
    await grant(machine);
    machine.end(machine.pid);
    machine.advance(forkedAfter);
    machine.start({ pid: 901, parent: 300, group: 300, forked: true });
    machine.advance(11 - forkedAfter);
    machine.start(call);
    expect(await grant(machine)).toMatchObject({ how });
  });

  test("by a process that has the pid of the owner is not asking again", async () => {
    const machine = scene();
    await grant(machine);
    nextCall(machine);
    machine.where = { ...machine.where, boot: "boot" };
    machine.plant(4000, {
      ...machine.claim(4000),
      owner: { ...machine.claim(4000)?.owner, pidns: "1" },
    });
    machine.start({ pid: 700, namespaces: { pid: "1", net: null } });
    expect(await grant(machine)).toMatchObject({ port: 4001, how: "new" });
  });

  test("not if something has bound the port meanwhile, visible or not", async () => {
    const machine = scene();
    await grant(machine);
    nextCall(machine);
    machine.bound.set(4000, "used");
    expect(await grant(machine)).toMatchObject({ port: 4001, how: "new" });
  });
});

describe("reuse", () => {
  test("returns the claim of that service and directory, whatever its owner", async () => {
    const machine = scene();
    const { port } = await grant(machine);
    machine.listen(port, 600);
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    const before = machine.claim(port);
    expect(await grant(machine, { reuse: true })).toMatchObject({ port, how: "reused" });
    expect(machine.claim(port)).toEqual(before);
    expect(await grant(machine, { reuse: true, cwd: "/srv" })).toMatchObject({
      port: port + 1,
      how: "new",
    });
  });

  test("prefers the caller's claim to another owner's newer one", async () => {
    const machine = scene();
    const own = await grant(machine);
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    machine.advance(5);
    await grant(machine);
    machine.parent = 400;
    expect(await grant(machine, { reuse: true })).toMatchObject({ port: own.port, how: "reused" });
  });

  test("of one service asked for twice returns two claims", async () => {
    const machine = scene();
    const twice = { services: ["web", "web"], reuse: true };
    const ports = async () => (await ask(machine, twice)).grants.map(({ claim }) => claim.port);
    expect(await ports()).toEqual([4000, 4001]);
    expect((await ports()).toSorted()).toEqual([4000, 4001]);
    expect(machine.contents().claims.size).toBe(2);
  });

  test("of an exact port returns that port or none", async () => {
    const machine = scene();
    await grant(machine);
    const request = { reuse: true, prefer: 4005, exact: true };
    expect(await grant(machine, request)).toMatchObject({ port: 4005, how: "new" });
    expect(await grant(machine, request)).toMatchObject({ port: 4005, how: "reused" });
  });
});

describe("coming back", () => {
  test("gives a service the port it had last, though a lower one is free", async () => {
    const machine = scene();
    await ask(machine, { services: ["api"] });
    expect(await grant(machine)).toMatchObject({ port: 4001 });
    machine.end(AGENT);
    nextCall(machine, 3600);
    machine.start({ pid: AGENT, argv: ["claude"] });
    startShell(machine, 420);
    expect(await grant(machine)).toMatchObject({ port: 4001, how: "new" });
    expect(await grant(machine, { services: ["api"] })).toMatchObject({ port: 4000, how: "new" });
  });

  test("but not if another owner claims it", async () => {
    const machine = scene();
    expect(await grant(machine, { prefer: 4005 })).toMatchObject({ port: 4005 });
    machine.memory.remove(`${HOME}/.portclaim/claims/4005.json`);
    machine.listen(4005, undefined);
    expect(await grant(machine)).toMatchObject({ port: 4000 });
  });
});
