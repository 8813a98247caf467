import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { files } from "../../../native/files.ts";
import { findHome, type Home } from "../../../registry/config/home.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { ClaimStore, entryOf, patched } from "../../../registry/store/claims.ts";
import { FakeMachine } from "../../fake-machine.ts";
import { temporaryFolder } from "../../harness.ts";

const CLAIM: Claim = {
  port: 3000,
  pid: 48_291,
  agent: null,
  project: "my-app",
  service: "web",
  claimed_at: "2026-03-17T14:32:01.123456Z",
  lease: "ephemeral",
};

/** A scripted machine over a real folder. */
function scene(): Disposable & { machine: FakeMachine; home: Home; claims: string } {
  const folder = temporaryFolder();
  const machine = new FakeMachine(files());
  const home = findHome(machine, { PORTCLAIM_HOME: folder.path });
  mkdirSync(home.claims);
  return { machine, home, claims: home.claims, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const problems = ({ machine, home }: { machine: FakeMachine; home: Home }) =>
  Object.fromEntries(
    [...new ClaimStore(machine, home).readAll().unreadable.values()].map(({ port, problem }) => [
      port,
      problem,
    ]),
  );

test("a claim is written, read, changed and removed", () => {
  using here = scene();
  const { machine, home } = here;
  const entry = entryOf(CLAIM);
  new ClaimStore(machine, home).write(entry);
  expect(new ClaimStore(machine, home).read(3000)).toEqual(entry);
  const changed = patched(entry, { pid: 7 });
  new ClaimStore(machine, home).write(changed);
  expect(changed.claim).toEqual({ ...CLAIM, pid: 7 });
  expect(new ClaimStore(machine, home).readAll().claims).toEqual(new Map([[3000, changed]]));
  new ClaimStore(machine, home).write(entry);
  expect(new ClaimStore(machine, home).read(3000)).toEqual(entry);
  new ClaimStore(machine, home).remove(3000);
  new ClaimStore(machine, home).remove(3000);
  expect(new ClaimStore(machine, home).read(3000)).toBeUndefined();
  expect(readdirSync(here.claims)).toEqual([]);
});

test("a registry that was never used is empty, and reading doesn't create it", () => {
  using folder = temporaryFolder();
  const machine = new FakeMachine(files());
  const home = findHome(machine, { PORTCLAIM_HOME: `${folder.path}/none` });
  expect(new ClaimStore(machine, home).readAll().claims.size).toBe(0);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("row 15: a temporary file that a dead writer left is replaced, and never read as a claim", () => {
  using here = scene();
  writeFileSync(`${here.claims}/3000.json.tmp`, JSON.stringify({ ...CLAIM, pid: 1 }));
  writeFileSync(`${here.claims}/3001.json.tmp`, "half");
  const before = new ClaimStore(here.machine, here.home).readAll();
  expect(before.claims.size + before.unreadable.size).toBe(0);
  expect(before.others.toSorted()).toEqual(["3000.json.tmp", "3001.json.tmp"]);
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  expect(readdirSync(here.claims).toSorted()).toEqual(["3000.json", "3001.json.tmp"]);
  expect(new ClaimStore(here.machine, here.home).read(3000)).toMatchObject({ claim: CLAIM });
});

test("row 15: what a dead writer's name links to is not written through", () => {
  using here = scene();
  writeFileSync(`${here.home.path}/precious`, "kept");
  symlinkSync("../precious", `${here.claims}/3000.json.tmp`);
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  expect(readFileSync(`${here.home.path}/precious`, "utf8")).toBe("kept");
  expect(new ClaimStore(here.machine, here.home).read(3000)).toMatchObject({ claim: CLAIM });
});

describe("row 24: a write that fails leaves the old claim, and nothing else", () => {
  test.each([
    ["create", "ENOSPC"],
    ["create", "EDQUOT"],
    ["create", "EIO"],
    ["rename", "ENOSPC"],
    ["rename", "EIO"],
  ] as const)("%s: %s", (call, code) => {
    using here = scene();
    const { machine, home } = here;
    const entry = entryOf(CLAIM);
    new ClaimStore(machine, home).write(entry);
    machine.faults.fail(call, "3000.json", code);
    expect(() => new ClaimStore(machine, home).write(patched(entry, { pid: 7 }))).toThrow(code);
    expect(new ClaimStore(machine, home).read(3000)).toEqual(entry);
    expect(readdirSync(here.claims)).toEqual(["3000.json"]);
  });
});

describe("row 27: what can't be read for lack of resources is never taken for absent", () => {
  test.each(["EMFILE", "ENFILE", "EIO", "ENOMEM", "ESTALE"] as const)("a file: %s", (code) => {
    using here = scene();
    new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
    here.machine.faults.fail("read", "3000.json", code);
    expect(() => new ClaimStore(here.machine, here.home).readAll()).toThrow(code);
    here.machine.faults.fail("read", "3000.json", code);
    expect(() => new ClaimStore(here.machine, here.home).read(3000)).toThrow(code);
  });

  test.each(["EMFILE", "ENFILE", "EIO", "EACCES", "ENOTDIR"] as const)("the folder: %s", (code) => {
    using here = scene();
    here.machine.faults.fail("list", "claims", code);
    expect(() => new ClaimStore(here.machine, here.home).readAll()).toThrow(code);
  });
});

test("a claim that is removed while all are read is left out", () => {
  using here = scene();
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  new ClaimStore(here.machine, here.home).write(entryOf({ ...CLAIM, port: 3001 }));
  here.machine.faults.fail("read", "3000.json", "ENOENT");
  const { claims, unreadable } = new ClaimStore(here.machine, here.home).readAll();
  expect([[...claims.keys()], unreadable.size]).toEqual([[3001], 0]);
});

test("rows 28 to 30 and 33: an unreadable claim reserves its port, and says why", async () => {
  using here = scene();
  const text = JSON.stringify(CLAIM);
  const put = (name: string, content: string) => writeFileSync(`${here.claims}/${name}`, content);
  put("3001.json", "");
  put("3002.json", text.slice(0, 40));
  put("3003.json", "\0".repeat(300));
  put("3004.json", `${text}${" ".repeat(70_000)}`);
  put("3005.json", text);
  symlinkSync("3009.json.real", `${here.claims}/3006.json`);
  put("3009.json.real", JSON.stringify({ ...CLAIM, port: 3006 }));
  Bun.spawnSync(["mkfifo", `${here.claims}/3007.json`]);
  mkdirSync(`${here.claims}/3008.json`);
  expect(problems(here)).toEqual({
    3001: "empty",
    3002: "not JSON",
    3003: "not JSON",
    3004: "larger than 65536 bytes",
    3005: "its port is 3000, but the file is named 3005.json",
    3006: "it can't be read (ELOOP)",
    3007: "empty",
    3008: "it can't be read (EISDIR)",
  });
  expect(new ClaimStore(here.machine, here.home).readAll().claims.size).toBe(0);
});

test("row 33: a socket in a claim's place reserves its port, and stops nothing else", async () => {
  using here = scene();
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  const socket = Bun.listen({ unix: `${here.claims}/3001.json`, socket: { data() {} } });
  try {
    const { claims, unreadable } = new ClaimStore(here.machine, here.home).readAll();
    expect([[...claims.keys()], [...unreadable.keys()]]).toEqual([[3000], [3001]]);
  } finally {
    socket.stop(true);
  }
});

test("row 33: removing a claim that is a link removes the link alone", () => {
  using here = scene();
  writeFileSync(`${here.home.path}/precious`, "kept");
  symlinkSync("../precious", `${here.claims}/3000.json`);
  new ClaimStore(here.machine, here.home).remove(3000);
  expect(readdirSync(here.claims)).toEqual([]);
  expect(readFileSync(`${here.home.path}/precious`, "utf8")).toBe("kept");
});

test("row 31: names that aren't claim files are ignored, and listed separately", () => {
  using here = scene();
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  const names = ["0.json", "03000.json", "65536.json", "README", ".3000.json", "3000.json~"];
  for (const name of names) writeFileSync(`${here.claims}/${name}`, JSON.stringify(CLAIM));
  const { claims, unreadable, others } = new ClaimStore(here.machine, here.home).readAll();
  expect([[...claims.keys()], unreadable.size]).toEqual([[3000], 0]);
  expect(others.toSorted()).toEqual(names.toSorted());
});

test("row 39: thousands of junk names hide no claim", () => {
  using here = scene();
  new ClaimStore(here.machine, here.home).write(entryOf(CLAIM));
  for (let i = 0; i < 2000; i++) writeFileSync(`${here.claims}/junk-${i}`, "");
  const { claims, others } = new ClaimStore(here.machine, here.home).readAll();
  expect([[...claims.keys()], others.length]).toEqual([[3000], 2000]);
});
