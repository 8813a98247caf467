import { describe, expect, test } from "bun:test";
import { AGENT, HOME, PROJECT } from "../../fake-machine.ts";
import { ask, grant, nextCall, refusal, scene, small } from "./calls.ts";

describe("a claim", () => {
  test("says who claims the port, for what, since when, and whose exit ends it", async () => {
    const machine = scene();
    await ask(machine, { agent: "claude-code", prefer: 4003 });
    expect(machine.claim(4003)).toEqual({
      port: 4003,
      pid: AGENT,
      agent: "claude-code",
      project: "my-app",
      service: "web",
      claimed_at: "2023-11-14T22:13:20.000000Z",
      lease: "ephemeral",
      cwd: PROJECT,
      owner: {
        command: "claude",
        start: "100000",
        boot: "boot",
        pidns: "4026531836",
        netns: "4026531840",
        host: "host",
        group: 400,
        throwaway: true,
        at: "1000.000000",
        asked: 100_000,
      },
    });
  });

  test("without a named agent has the agent of its owner's program", async () => {
    const machine = scene();
    const { grants } = await ask(machine);
    expect(grants[0]?.claim.agent).toBe("claude-code");
  });

  test("is a private file of its own, and leaves no other file behind but what happened", async () => {
    const machine = scene();
    await ask(machine, { prefer: 4003 });
    const home = `${HOME}/.portclaim`;
    expect(machine.files.list(home).toSorted()).toEqual([
      ".pending",
      "claims",
      "history.jsonl",
      "last-ports.json",
    ]);
    expect(machine.files.list(`${home}/claims`)).toEqual(["4003.json"]);
    expect(machine.files.stat(`${home}/claims/4003.json`).mode).toBe(0o600);
    expect(machine.files.stat(home).mode).toBe(0o700);
  });

  test("has the lease that is asked for, else its service's, else ephemeral", async () => {
    const machine = scene();
    const services = new Map([["db", { lease: "persistent" as const }]]);
    const registry = machine.registry({ ...small(10), services });
    const { grants } = await ask(machine, { services: ["db", "web"] }, registry);
    expect(grants.map(({ claim }) => claim.lease)).toEqual(["persistent", "ephemeral"]);
    const asked = await ask(machine, { services: ["db"], lease: "ephemeral" }, registry);
    expect(asked.grants[0]?.claim.lease).toBe("ephemeral");
  });

  test("without a valid name has no agent", async () => {
    const machine = scene();
    for (const request of [{ services: ["a/b"] }, { project: "" }, { agent: "a\nb" }]) {
      expect(await refusal(machine, request)).toMatchObject({ code: "invalid" });
    }
    expect(machine.locks).toBe(0);
  });
});

describe("two callers never share a port", () => {
  test("of one service: a port each, while both may be about to bind", async () => {
    const machine = scene();
    const first = await grant(machine);
    machine.start({ pid: 410, group: 400 });
    const second = await grant(machine);
    expect([first, second]).toMatchObject([
      { port: 4000, how: "new" },
      { port: 4001, how: "new" },
    ]);
  });

  test("another agent's claim is skipped, whether it is bound or not", async () => {
    const machine = scene();
    await ask(machine);
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    expect(await grant(machine)).toMatchObject({ port: 4001, how: "new" });
  });

  test("a port whose claim can't be read counts as claimed", async () => {
    const machine = scene();
    machine.plant(4000, "");
    expect((await grant(machine, { prefer: 4000 })).missed).toEqual({
      port: 4000,
      by: "reserved by an unreadable claim file: empty",
    });
    expect(machine.contents().unreadable.has(4000)).toBe(true);
  });
});

describe("several services", () => {
  const services = ["web", "api", "db"];

  test("get a port each, upward from what the first prefers", async () => {
    const machine = scene();
    const { grants } = await ask(machine, { services, prefer: 4004 });
    expect(grants.map(({ claim }) => [claim.service, claim.port])).toEqual([
      ["web", 4004],
      ["api", 4005],
      ["db", 4006],
    ]);
  });

  test("of one name get a port each too, asked once or again", async () => {
    const machine = scene();
    const ports = async () =>
      (await ask(machine, { services: ["web", "web"] })).grants.map(({ claim }) => claim.port);
    expect(await ports()).toEqual([4000, 4001]);
    nextCall(machine);
    expect((await ports()).toSorted()).toEqual([4000, 4001]);
  });

  test("or none at all: new claims are removed, and replaced ones restored", async () => {
    const machine = scene();
    const registry = machine.registry(small(2));
    await ask(machine, { services: ["web"] }, registry);
    nextCall(machine);
    const before = machine.contents().claims;
    const last = machine.files.read(`${HOME}/.portclaim/last-ports.json`, 9999);
    expect(await refusal(machine, { services }, registry)).toMatchObject({
      code: "range-exhausted",
    });
    expect(machine.contents().claims).toEqual(before);
    expect(machine.files.read(`${HOME}/.portclaim/last-ports.json`, 9999)).toBe(last);
  });

  test("row 24: nor if the disk fills up between them", async () => {
    const machine = scene();
    machine.faults.fail("create", "4001.json.tmp", "ENOSPC");
    await expect(ask(machine, { services })).rejects.toMatchObject({ code: "ENOSPC" });
    expect(machine.contents()).toMatchObject({
      claims: new Map(),
      unreadable: new Map(),
      others: [],
    });
    expect(machine.lockedBy).toBeUndefined();
  });
});

describe("undo", () => {
  test("takes a new claim back", async () => {
    const machine = scene();
    const acquired = await ask(machine, { services: ["web", "api"] });
    await acquired.undo();
    expect(machine.contents().claims.size).toBe(0);
  });

  test("restores a claim that was acquired again, byte for byte", async () => {
    const machine = scene();
    await ask(machine);
    const before = machine.contents().claims.get(4000)?.text;
    nextCall(machine, 100);
    const again = await ask(machine);
    expect(machine.contents().claims.get(4000)?.text).not.toBe(before);
    await again.undo();
    expect(machine.contents().claims.get(4000)?.text).toBe(before);
  });

  test("gives an idle claim back to its former owner", async () => {
    const machine = scene();
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    await ask(machine, { services: ["theirs"] });
    machine.advance(600);
    machine.parent = 400;
    const taken = await ask(machine, { prefer: 4000 });
    expect(machine.claim(4000)?.pid).toBe(AGENT);
    await taken.undo();
    expect(machine.claim(4000)).toMatchObject({ pid: 500, service: "theirs" });
  });

  test("leaves a reused claim alone", async () => {
    const machine = scene();
    await ask(machine);
    const reused = await ask(machine, { reuse: true });
    await reused.undo();
    expect(machine.claim(4000)?.service).toBe("web");
  });

  test("row 38: leaves alone what another owner claimed meanwhile", async () => {
    const machine = scene();
    const acquired = await ask(machine);
    machine.memory.remove(`${HOME}/.portclaim/claims/4000.json`);
    machine.start({ pid: 500, argv: ["codex"] });
    machine.parent = 500;
    await ask(machine, { services: ["theirs"], prefer: 4000 });
    await acquired.undo();
    expect(machine.claim(4000)?.service).toBe("theirs");
  });

  test("a second time does nothing", async () => {
    const machine = scene();
    const acquired = await ask(machine);
    await acquired.undo();
    await ask(machine, { services: ["other"], prefer: 4000 });
    await acquired.undo();
    expect(machine.claim(4000)?.service).toBe("other");
  });
});
