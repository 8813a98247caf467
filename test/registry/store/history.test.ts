import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { doctor } from "../../../registry/maintain/doctor.ts";
import { reap } from "../../../registry/maintain/reap.ts";
import { release } from "../../../registry/maintain/release.ts";
import type { HistoryEvent } from "../../../registry/model/event.ts";
import { appendUnlocked, readHistory } from "../../../registry/store/history.ts";
import type { Registry } from "../../../registry/store/registry.ts";
import { transact } from "../../../registry/store/transaction.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";

const PATH = `${HOME}/.portclaim/history.jsonl`;
const here = { cwd: PROJECT, project: "my-app" };

/** A registry in which each service is claimed, released and so on, by the agent. */
function scene(options: Partial<Registry> = {}) {
  const machine = new FakeMachine();
  const registry = { ...machine.registry(), ...options };
  const claim = async (service: string, prefer: number, pid = AGENT) => {
    const request = { services: [service], cwd: PROJECT, agent: "claude-code", prefer };
    return await acquire(registry, request, machine.callerFor(pid));
  };
  const free = (port: number) =>
    release(registry, { target: { port }, here }, machine.callerFor(AGENT));
  const told = () =>
    readHistory(registry).map(({ event, port, service }) => [event, port, service]);
  return { machine, registry, claim, free, told };
}

const event = (port: number, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  at: "2026-03-17T14:32:01.123456Z",
  event: "claimed",
  port,
  service: "web",
  project: "my-app",
  cwd: null,
  agent: null,
  by: null,
  reason: null,
  ...more,
});
const lineOf = (one: object) => `${JSON.stringify(one)}\n`;
const ports = (registry: Registry) => readHistory(registry).map(({ port }) => port);

describe("the history tells", () => {
  test("what was claimed and released, by whom, and where", async () => {
    const { machine, registry, claim, free } = scene();
    await claim("web", 4003);
    machine.advance(60);
    await free(4003);
    const facts = {
      port: 4003,
      service: "web",
      project: "my-app",
      cwd: PROJECT,
      agent: "claude-code",
      by: "claude (pid 100)",
      reason: null,
    };
    expect(readHistory(registry)).toEqual([
      { at: "2023-11-14T22:13:20.000000Z", event: "claimed", ...facts },
      { at: "2023-11-14T22:14:20.000000Z", event: "released", ...facts },
    ]);
    expect(machine.memory.stat(PATH).mode).toBe(0o600);
  });

  test("why another port was claimed than the preferred one", async () => {
    const { machine, registry, claim } = scene();
    machine.start({ pid: 7, parent: 1, argv: ["node", "/srv/x.js", "--secret=1"] });
    machine.listen(4003, 7);
    await claim("web", 4003);
    const [first] = readHistory(registry);
    expect(first?.reason).toBe("4003 is in use by node x.js (pid 7)");
    expect(machine.memory.read(PATH, 9999)).not.toContain("secret");
  });

  test("that a claim was acquired again, reaped, and adopted", async () => {
    const { machine, registry, claim, told } = scene();
    machine.start({ pid: 200, argv: ["bash"] });
    machine.start({ pid: 300, argv: ["bash"] });
    await claim("web", 4003, 200);
    machine.advance(20);
    await claim("web", 4003, 200);
    await claim("api", 4004, 300);
    machine.start({ pid: 301, parent: 300, argv: ["vite"] });
    machine.listen(4004, 301);
    machine.end(200);
    machine.end(300);
    await reap(registry, {}, machine.callerFor(AGENT));
    expect(told()).toEqual([
      ["claimed", 4003, "web"],
      ["claimed", 4003, "web"],
      ["claimed", 4004, "api"],
      ["reaped", 4003, "web"],
      ["adopted", 4004, "api"],
    ]);
    expect(readHistory(registry).map(({ reason }) => reason)).toEqual([
      null,
      "acquired again",
      null,
      "its owner bash (pid 200) has exited",
      "its owner bash (pid 300) has exited, but its server vite (pid 301) keeps running",
    ]);
  });

  test("that an idle claim was replaced", async () => {
    const { machine, claim, told } = scene();
    machine.start({ pid: 200, argv: ["bash"] });
    await claim("web", 4003, 200);
    machine.advance(3600);
    await claim("api", 4003);
    expect(told()).toEqual([
      ["claimed", 4003, "web"],
      ["released", 4003, "web"],
      ["claimed", 4003, "api"],
    ]);
  });

  test("that unreadable files were released, and put aside by doctor", async () => {
    const { machine, registry } = scene();
    const [first, second] = [4003, 4004];
    for (const port of [first, second]) machine.plant(port, "{");
    machine.advance(60);
    await release(registry, { target: { port: first }, here, force: true }, undefined);
    await doctor(registry);
    const reason = "its file was unreadable: not JSON";
    expect(readHistory(registry)).toMatchObject([
      { event: "released", port: first, service: null, by: null, reason },
      { event: "released", port: second, service: null, reason },
    ]);
  });

  test("no secret of a claim", async () => {
    const { machine, registry } = scene();
    const caller = { ...machine.callerFor(AGENT), serves: true, mark: "the mark" };
    const request = { services: ["web"], cwd: PROJECT, agent: null, session: "the session" };
    await acquire(registry, request, caller);
    expect(
      machine.memory.read(`${HOME}/.portclaim/claims/${ports(registry)[0]}.json`, 9999),
    ).toContain("the mark");
    expect(machine.memory.read(PATH, 9999)).not.toMatch(/the mark|the session/);
  });
});

describe("the history doesn't tell", () => {
  test("what was rolled back, but what was committed before", async () => {
    const { machine, claim, told } = scene();
    machine.start({ pid: 200, argv: ["bash"] });
    await claim("web", 4003, 200);
    machine.end(200);
    machine.faults.fail("rename", "4004.json", "EIO");
    await expect(claim("api", 4004)).rejects.toThrow();
    expect(told()).toEqual([
      ["claimed", 4003, "web"],
      ["reaped", 4003, "web"],
    ]);
    expect([...machine.contents().claims.keys()]).toEqual([]);
  });

  test("a change twice if it is undone, but that it was", async () => {
    const { machine, claim, told } = scene();
    machine.start({ pid: 200, argv: ["bash"] });
    await claim("web", 4003, 200);
    machine.advance(3600);
    const { undo } = await claim("api", 4003);
    await undo();
    await undo();
    expect(told()).toEqual([
      ["claimed", 4003, "web"],
      ["released", 4003, "web"],
      ["claimed", 4003, "api"],
      ["released", 4003, "api"],
      ["claimed", 4003, "web"],
    ]);
    expect(machine.claim(4003)?.service).toBe("web");
  });

  test("anything with a size of 0", async () => {
    const { machine, claim } = scene({ historySize: 0 });
    await claim("web", 4003);
    expect(machine.memory.nodes.has(PATH)).toBe(false);
  });
});

test.each(["ENOSPC", "EROFS", "EACCES", "EDQUOT"] as const)(
  "a history that can't be written (%s) neither fails nor undoes a change",
  async (code) => {
    const { machine, claim, told } = scene();
    machine.faults.fail("append", "history.jsonl", code);
    await claim("web", 4003);
    expect(machine.faults.pending).toBe(0);
    expect(machine.claim(4003)?.service).toBe("web");
    expect(told()).toEqual([]);
  },
);

test("a history that is no file fails no change, and doctor says so", async () => {
  const { machine, registry, claim } = scene();
  machine.memory.put(PATH, "", "directory");
  await claim("web", 4003);
  expect(machine.claim(4003)?.service).toBe("web");
  const hint = `remove it: rm -r ${PATH}`;
  expect(await doctor(registry)).toContainEqual({
    check: "home",
    status: "warning",
    message: `${PATH} is not a regular file, so no history is kept`,
    hint,
  });
});

test("a transaction appends all its events in one write", async () => {
  const { machine, registry } = scene();
  let appends = 0;
  const { files } = machine;
  const counted = {
    ...registry,
    machine: {
      ...machine,
      files: new Proxy(files, {
        get: (target, name: keyof typeof files) => {
          if (name === "append") appends++;
          return target[name];
        },
      }),
    },
  };
  await transact(counted, (transaction) => {
    for (const port of [4001, 4002, 4003])
      transaction.note(port, { event: "stopped", reason: "x" });
  });
  expect(appends).toBe(1);
  expect(ports(registry)).toEqual([4001, 4002, 4003]);
});

describe("a full history", () => {
  test("is rotated once, and read from both files", async () => {
    const { machine, registry, claim, free } = scene({ historySize: 1000 });
    for (let i = 0; i < 10; i++) {
      await claim("web", 4003);
      await free(4003);
    }
    const all = readHistory(registry);
    const size = (path: string) => machine.memory.nodes.get(path)?.text.length ?? 0;
    expect(size(`${PATH}.1`)).toBeWithin(1001, 1300);
    expect(size(PATH)).toBeLessThan(1001);
    expect(all.length).toBeWithin(4, 12);
    expect(all.at(-1)?.event).toBe("released");
    expect(machine.memory.nodes.has(`${PATH}.2`)).toBe(false);
  });

  test("is not read twice if it is rotated meanwhile", () => {
    const { machine, registry } = scene();
    machine.memory.put(PATH, lineOf(event(4001)));
    machine.memory.put(`${PATH}.1`, lineOf(event(4001)) + lineOf(event(4002)));
    expect(ports(registry)).toEqual([4001, 4002]);
  });

  test("is not rotated by an event without the lock", () => {
    const { machine, registry } = scene({ historySize: 100 });
    machine.memory.put(PATH, lineOf(event(4001)));
    appendUnlocked(registry, event(4002, { event: "denied" }));
    expect(machine.memory.nodes.has(`${PATH}.1`)).toBe(false);
    expect(ports(registry)).toEqual([4001, 4002]);
  });
});

describe("a reader", () => {
  test("of no history finds nothing", () => {
    expect(readHistory(scene().registry)).toEqual([]);
  });

  test("skips lines that are no events, and finds one behind a torn line", () => {
    const { machine, registry } = scene();
    const whole = lineOf(event(4001));
    const foreign = [
      "",
      "x",
      "null",
      "[]",
      "{}",
      '{"at":1}',
      lineOf({ ...event(1), event: "boom" }).trim(),
    ];
    const torn = whole.slice(0, 70);
    machine.memory.put(PATH, `${foreign.join("\n")}\n${whole}${torn}${lineOf(event(4002))}${torn}`);
    expect(ports(registry)).toEqual([4001, 4002]);
  });

  test("shows only the fields of an event", () => {
    const { machine, registry } = scene();
    machine.memory.put(PATH, lineOf({ ...event(4001), service: 7, owner: { mark: "secret" } }));
    expect(readHistory(registry)).toEqual([event(4001, { service: null })]);
  });

  test("filters by port, service, project and time, and takes the newest", () => {
    const { machine, registry } = scene();
    const at = "2026-03-18T00:00:00.000000Z";
    const all = [
      event(4001),
      event(4002, { service: "api" }),
      event(4001, { at }),
      event(4003, { at, project: "shop" }),
    ];
    machine.memory.put(PATH, all.map(lineOf).join(""));
    const read = (filter: object) =>
      readHistory(registry, filter).map((one) =>
        all.findIndex((other) => Bun.deepEquals(one, other)),
      );
    expect(read({ port: 4001 })).toEqual([0, 2]);
    expect(read({ service: "api" })).toEqual([1]);
    expect(read({ project: "shop" })).toEqual([3]);
    expect(read({ since: at })).toEqual([2, 3]);
    expect(read({ limit: 3 })).toEqual([1, 2, 3]);
    expect(read({ limit: 0 })).toEqual([]);
  });
});
