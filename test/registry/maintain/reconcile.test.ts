import { describe, expect, test } from "bun:test";
import type { Claim } from "../../../registry/model/claim.ts";
import { FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";
import { acquireElsewhere, claim, ELSEWHERE, OWNER, run } from "./orphans.ts";

describe("every acquire", () => {
  test.each(["ephemeral", "persistent"] as const)("reaps a dead claim, be it %s", async (lease) => {
    const machine = new FakeMachine();
    const port = await claim(machine, lease);
    machine.end(OWNER);
    machine.advance(10);
    const settled = await acquireElsewhere(machine);
    expect(settled).toMatchObject([{ action: "reaped", state: "dead", claim: { port } }]);
    expect(settled[0]?.reason).toBe("its owner bash (pid 300) has exited");
    expect(machine.claim(port)).toBeUndefined();
  });

  test.each(["ephemeral", "persistent"] as const)(
    "leaves an idle %s claim alone",
    async (lease) => {
      const machine = new FakeMachine();
      const port = await claim(machine, lease);
      machine.advance(10_000);
      expect(await acquireElsewhere(machine)).toEqual([]);
      expect(machine.claim(port)?.service).toBe("web");
    },
  );

  test("leaves alone what it can't see, and what it can't read", async () => {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.plant(3001, "garbage");
    machine.where = { ...machine.where, host: "another", boot: "another" };
    machine.processes.delete(OWNER);
    expect(await acquireElsewhere(machine)).toEqual([]);
    expect(machine.claim(port)?.service).toBe("web");
    expect(machine.contents().unreadable.get(3001)?.problem).toBe("not JSON");
  });

  test("looks at no port of a living owner", async () => {
    const machine = new FakeMachine();
    await claim(machine);
    let looked = 0;
    const { listeners } = machine;
    machine.listeners = () => {
      looked++;
      return listeners();
    };
    await acquireElsewhere(machine);
    expect(looked).toBe(0);
  });
});

describe("row 14: a claim whose owner ended follows its server", () => {
  /** An orphan whose server (pid 310) runs as `server` says. */
  async function orphan(
    server: Parameters<FakeMachine["start"]>[0],
  ): Promise<[FakeMachine, number]> {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.start(server);
    machine.listen(port, server.pid);
    machine.end(OWNER);
    return [machine, port];
  }

  test("where it works in the claim's directory", async () => {
    const [machine, port] = await orphan({ pid: 310, argv: ["node", "/a/server.js"] });
    const settled = await acquireElsewhere(machine);
    expect(settled).toMatchObject([
      { action: "handed-over", state: "orphaned", adoption: { pid: 310 } },
    ]);
    expect(settled[0]?.reason).toContain("its server node server.js (pid 310) keeps running");
    expect(machine.claim(port)).toMatchObject({
      pid: 310,
      service: "web",
      owner: { command: "node server.js", start: "100000", group: 310, boot: "boot", host: "host" },
    });
    expect(machine.claim(port)?.owner).not.toHaveProperty("shell");
    expect(machine.claim(port)?.owner).not.toHaveProperty("throwaway");
  });

  test.each([
    ["below the claim's directory", { cwd: `${PROJECT}/packages/web`, parent: 1 }],
    ["in the claim's group", { cwd: "/srv", parent: 1, group: OWNER }],
  ])("where it is %s", async (_, where) => {
    const [machine, port] = await orphan({ pid: 310, ...where });
    await acquireElsewhere(machine);
    expect(machine.claim(port)?.pid).toBe(310);
  });

  test("not if it is foreign: the claim is removed", async () => {
    const [machine, port] = await orphan({ pid: 310, ...ELSEWHERE });
    const settled = await acquireElsewhere(machine);
    expect(settled).toMatchObject([{ action: "reaped", state: "dead" }]);
    expect(settled[0]?.reason).toEndWith("exited, and another process listens on the port");
    expect(machine.claim(port)).toBeUndefined();
  });

  test("not where its directory only begins like the claim's", async () => {
    const [machine, port] = await orphan({ pid: 310, cwd: `${PROJECT}-old`, parent: 1 });
    await acquireElsewhere(machine);
    expect(machine.claim(port)).toBeUndefined();
  });

  test("to the topmost ancestor in the server's group: the watcher, not its child", async () => {
    const [machine, port] = await orphan({ pid: 312, parent: 311, group: 310 });
    machine.start({ pid: 310, parent: 1, group: 310, argv: ["nodemon"] });
    machine.start({ pid: 311, parent: 310, group: 310 });
    await acquireElsewhere(machine);
    expect(machine.claim(port)).toMatchObject({ pid: 310, owner: { command: "nodemon" } });
  });

  test("not above the server's own group", async () => {
    const [machine, port] = await orphan({ pid: 312, parent: 311, group: 312 });
    machine.start({ pid: 311, parent: 1, group: 311 });
    await acquireElsewhere(machine);
    expect(machine.claim(port)?.pid).toBe(312);
  });

  test("to the oldest of several that listen", async () => {
    const [machine, port] = await orphan({ pid: 320, start: 99_990 });
    machine.start({ pid: 310, start: 99_995 });
    machine.listen(port, 310, "::1");
    await acquireElsewhere(machine);
    expect(machine.claim(port)?.pid).toBe(320);
  });

  test("to the covered one, though a foreign one is older", async () => {
    const [machine, port] = await orphan({ pid: 320 });
    machine.start({ pid: 310, start: 5, ...ELSEWHERE });
    machine.listen(port, 310, "::1");
    await acquireElsewhere(machine);
    expect(machine.claim(port)?.pid).toBe(320);
  });

  test("and is reaped once that has ended too", async () => {
    const [machine, port] = await orphan({ pid: 310 });
    await acquireElsewhere(machine);
    machine.end(310);
    machine.advance(10);
    await acquireElsewhere(machine);
    expect(machine.claim(port)).toBeUndefined();
  });

  test("row 32: everything else in its file survives byte for byte", async () => {
    const [machine, port] = await orphan({ pid: 310 });
    const path = `${HOME}/.portclaim/claims/${port}.json`;
    const extra = '"note": "żółw 🐢",\n  "id": 12345678901234567890,\n  "ratio": 1.0';
    machine.memory.put(path, machine.files.read(path, 9999).replace("\n}\n", `,\n  ${extra}\n}\n`));
    await acquireElsewhere(machine);
    expect(machine.claim(port)?.pid).toBe(310);
    expect(machine.files.read(path, 9999)).toEndWith(`,\n  ${extra}\n}\n`);
  });

  test("a seven-field claim has no directory and no group, so any listener is foreign", async () => {
    const machine = new FakeMachine();
    machine.plant(3000, {
      port: 3000,
      pid: OWNER,
      agent: null,
      project: "my-app",
      service: "web",
      claimed_at: "2026-03-17T14:32:01.123456Z",
      lease: "ephemeral",
    });
    machine.start({ pid: 310 });
    machine.listen(3000, 310);
    expect(await acquireElsewhere(machine)).toMatchObject([{ action: "reaped" }]);
  });
});

describe("an orphan whose listener can't be seen", () => {
  async function hidden(): Promise<[FakeMachine, number]> {
    const machine = new FakeMachine();
    const port = await claim(machine);
    machine.end(OWNER);
    machine.listen(port, undefined, "0.0.0.0", 0);
    return [machine, port];
  }

  test("stays orphaned while the port is bound, however often it is checked", async () => {
    const [machine, port] = await hidden();
    machine.advance(10_000);
    expect(await acquireElsewhere(machine)).toEqual([]);
    expect(await run(machine)).toContainEqual(["kept", "orphaned"]);
    expect(machine.claim(port)?.pid).toBe(OWNER);
  });

  test("is reaped once the port is free", async () => {
    const [machine, port] = await hidden();
    machine.unlisten(port);
    machine.advance(10);
    expect(await run(machine)).toEqual([["reaped", "dead"]]);
  });

  test("is adopted by a covered listener on the same port", async () => {
    const [machine, port] = await hidden();
    machine.start({ pid: 310 });
    machine.listen(port, 310, "::1");
    expect(await run(machine)).toEqual([["handed-over", "orphaned"]]);
  });

  test("stays though a foreign one is found beside it", async () => {
    const [machine, port] = await hidden();
    machine.start({ pid: 310, ...ELSEWHERE });
    machine.listen(port, 310, "::1");
    expect(await run(machine)).toEqual([["kept", "orphaned"]]);
  });
});

test("row 13: an adopted claim never ends up with pid 1", async () => {
  const machine = new FakeMachine();
  const port = await claim(machine);
  machine.start({ pid: 310, parent: 1, group: 1 });
  machine.listen(port, 310);
  machine.end(OWNER);
  await acquireElsewhere(machine);
  expect((machine.claim(port) as Claim).pid).toBe(310);
});
