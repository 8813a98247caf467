import { expect, test } from "bun:test";
import { PortHistory } from "../../../registry/store/port-history.ts";
import { FakeMachine, HOME } from "../../fake-machine.ts";

const PATH = `${HOME}/.portclaim/last-ports.json`;

function scene(text?: string) {
  const machine = new FakeMachine();
  machine.memory.put(`${HOME}/.portclaim/claims/x`, "");
  if (text !== undefined) machine.memory.put(PATH, text);
  const { home } = machine.registry();
  return {
    machine,
    read: () => new PortHistory(machine, home),
    remember: (history: PortHistory, ...claims: ReturnType<typeof claim>[]) =>
      history.remember(claims),
  };
}

/** What the file holds, as any reader of JSON sees it. */
const written = (machine: FakeMachine) =>
  JSON.parse(machine.files.read(PATH, 999_999)) as Record<string, number>;

const claim = (port: number, service = "web", cwd = "/a") => ({ port, project: "p", service, cwd });

test("a port is remembered for its project, service and directory", () => {
  const { read, remember } = scene();
  remember(read(), claim(3000), claim(3001, "api"), claim(3002, "web", "/b"));
  const last = read();
  expect(last.portOf({ project: "p", service: "web", cwd: "/a" })).toBe(3000);
  expect(last.portOf({ project: "p", service: "api", cwd: "/a" })).toBe(3001);
  expect(last.portOf({ project: "p", service: "web", cwd: "/b" })).toBe(3002);
  expect(last.portOf({ project: "q", service: "web", cwd: "/a" })).toBeUndefined();
  expect(last.portOf({ project: "p", service: "web", cwd: "/" })).toBeUndefined();
});

test("names that look alike when joined are not mixed up", () => {
  const { read, remember } = scene();
  remember(read(), { port: 3000, project: 'a","b', service: "c", cwd: "/d" });
  expect(read().portOf({ project: "a", service: 'b","c', cwd: "/d" })).toBeUndefined();
  expect(read().portOf({ project: 'a","b', service: "c", cwd: "/d" })).toBe(3000);
});

test("the newest thousand are kept", () => {
  const { machine, read, remember } = scene();
  remember(read(), ...Array.from({ length: 1000 }, (_, i) => claim(2000 + i, `s${i}`)));
  remember(read(), claim(2000, "s0"));
  remember(read(), claim(9000, "new"));
  const last = read();
  expect(Object.keys(written(machine))).toHaveLength(1000);
  expect(last.portOf({ project: "p", service: "s0", cwd: "/a" })).toBe(2000);
  expect(last.portOf({ project: "p", service: "s1", cwd: "/a" })).toBeUndefined();
  expect(last.portOf({ project: "p", service: "s2", cwd: "/a" })).toBe(2002);
  expect(last.portOf({ project: "p", service: "new", cwd: "/a" })).toBe(9000);
});

test("the file is written as JSON, the newest last, whatever its layout before", () => {
  const key = (service: string) => JSON.stringify(["p", service, "/a"]);
  const all = { [key("web")]: 3000, [key('say ": 1,')]: 3001, [key("api")]: 3002, odd: "x" };
  for (const indent of [0, 1, 2, 4]) {
    const { machine, read, remember } = scene(JSON.stringify(all, null, indent));
    remember(read(), claim(4000), claim(3001, 'say ": 1,'), claim(5000, "new\nline"));
    const after = Object.entries(written(machine)).filter(([, port]) => port !== ("x" as never));
    const expected = { api: 3002, web: 4000, 'say ": 1,': 3001, "new\nline": 5000 };
    expect(Object.fromEntries(after)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, port]) => [key(name), port])),
    );
    expect(after.slice(-2).map(([, port]) => port)).toEqual([3001, 5000]);
  }
});

test("a port that is already remembered is not written again", () => {
  const { machine, read, remember } = scene();
  remember(read(), claim(3000, "web"), claim(4000, "api"));
  machine.faults.fail("overwrite", "last-ports.json", "EIO");
  remember(read(), claim(3000, "web"));
  remember(read(), claim(4000, "api"));
  expect(machine.faults.pending).toBe(1);
  remember(read(), claim(3001, "web"));
  expect(machine.faults.pending).toBe(0);
});

test("the rest of a longer file, left by a crash, is not taken for a part of it", () => {
  const { machine, read, remember } = scene();
  remember(read(), claim(3000, "web"), claim(4000, "api"));
  machine.memory.put(PATH, `${machine.files.read(PATH, 9999)}\n "x": 1\n}`);
  expect(read().portOf(claim(0))).toBeUndefined();
  remember(read(), claim(3001));
  expect(Object.values(written(machine))).toEqual([3001]);
});

test.each([
  "",
  "{",
  "null",
  "[3000]",
  '"3000"',
  "\0\0\0",
  `{"a":${"[".repeat(100_000)}`,
  " ".repeat(600_000),
])("an unreadable file counts as empty, and is replaced: %#", (text) => {
  const { read, remember } = scene(text);
  expect(read().portOf(claim(0))).toBeUndefined();
  remember(read(), claim(3000));
  expect(read().portOf({ project: "p", service: "web", cwd: "/a" })).toBe(3000);
});

test.each([0, -1, 65_536, "3000", null, 3000.5])("%p isn't a port to come back to", (port) => {
  const { read } = scene(JSON.stringify({ [JSON.stringify(["p", "web", "/a"])]: port }));
  expect(read().portOf({ project: "p", service: "web", cwd: "/a" })).toBeUndefined();
});

test.each([
  ["overwrite", "ENOSPC"],
  ["overwrite", "EROFS"],
] as const)("a failure of %s costs only the hint", (call, code) => {
  const { machine, read, remember } = scene();
  machine.faults.fail(call, "last-ports.json", code);
  remember(read(), claim(3000));
  expect(read().portOf(claim(0))).toBeUndefined();
  expect(machine.faults.pending).toBe(0);
  remember(read(), claim(3000));
  expect(read().portOf({ project: "p", service: "web", cwd: "/a" })).toBe(3000);
});

test("something that isn't a file is removed, and if that fails, only the hint is lost", () => {
  const { machine, read, remember } = scene();
  machine.memory.put(PATH, "elsewhere", "symlink");
  machine.faults.fail("remove", "last-ports.json", "EROFS");
  remember(read(), claim(3000));
  expect(read().portOf({ project: "p", service: "web", cwd: "/a" })).toBeUndefined();
  expect(machine.faults.pending).toBe(0);
  remember(read(), claim(3000));
  expect(read().portOf({ project: "p", service: "web", cwd: "/a" })).toBe(3000);
  expect(machine.files.stat(PATH).kind).toBe("file");
});
