import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import {
  allProcesses,
  parseStat,
  readCommandLine,
  readEnvironment,
  readWorkingDirectory,
  readProcess,
  readUser,
} from "../../../native/linux/processes.ts";
import { exists } from "../../../native/posix/exists.ts";
import { firstLine, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";

/** A line of /proc/PID/stat: pid, (name), state, parent, group, …, flags (9), …, start (22). */
const stat = (name: string, state = "S", flags = 4_194_304) =>
  `4711 (${name}) ${state} 42 4700 4700 34816 4711 ${flags} 100 0 0 0 5 3 0 0 20 0 1 0 987654 8192 17 1844 1 1\n`;

test("a line of stat is read field by field", () => {
  expect(parseStat(4711, stat("node"))).toEqual({
    pid: 4711,
    parent: 42,
    group: 4700,
    start: 987_654,
    ended: false,
    forked: false,
    name: "node",
    hasTerminal: true,
    suspended: false,
  });
});

test.each(["Web Content", "a) S 1 1 1", "(((", ") R 7 (", "tmux: server", ""])(
  "a program named %p shifts no field",
  (name) => {
    expect(parseStat(4711, stat(name))).toMatchObject({ name, parent: 42, start: 987_654 });
  },
);

test.each([
  ["R", false],
  ["S", false],
  ["D", false],
  ["T", false],
  ["t", false],
  ["I", false],
  ["Z", true],
  ["X", true],
  ["x", true],
])("row 10: state %s: has it ended? %p", (state, ended) => {
  expect(parseStat(4711, stat("sh", state))?.ended).toBe(ended);
});

test("a shell that forked and did not exec is known by its flag", () => {
  expect(parseStat(4711, stat("sh", "S", 0x40_0040))?.forked).toBe(true);
  expect(parseStat(4711, stat("sh", "S", 0x40_0000))?.forked).toBe(false);
});

test.each(["", "4711", "4711 (sh", "4711 sh) S 1"])("%p isn't a line of stat", (line) => {
  expect(parseStat(4711, line)).toBeUndefined();
});

test("a process is read with its program, arguments, directory, user and parent", async () => {
  await using world = new World();
  const child = world.spawn(["sleep", "60.25"]);
  await until("it has exec'd", () => readCommandLine(child.pid).join(" ") === "sleep 60.25");
  expect(readProcess(child.pid)).toMatchObject({
    pid: child.pid,
    parent: process.pid,
    name: "sleep",
    ended: false,
  });
  expect(readWorkingDirectory(child.pid)).toBe(world.cwd);
  expect(readUser(child.pid)).toBe(process.getuid?.() ?? -1);
  expect(allProcesses()).toContain(child.pid);
});

needs("Linux").test("every variable of an environment is read, whatever its bytes", async () => {
  await using world = new World();
  const command = `exec env -i A=1 EMPTY= "LINES=a\nb" "$(printf 'RAW=\\377\\376')" LAST=ż sleep 60`;
  const child = world.spawn(["bash", "-c", command]);
  await until("it has exec'd", () => readCommandLine(child.pid)[0] === "sleep");
  const raw = "RAW=\ufffd\ufffd";
  expect(readEnvironment(child.pid)).toEqual(["A=1", "EMPTY=", "LINES=a\nb", raw, "LAST=ż"]);
});

test("row 1: a process that has ended and was waited for isn't found", async () => {
  await using world = new World();
  const child = world.spawn(["true"]);
  await child.exited;
  expect(readProcess(child.pid)).toBeUndefined();
  expect(exists(child.pid)).toBe(false);
  expect(readCommandLine(child.pid)).toEqual([""]);
  expect(readWorkingDirectory(child.pid)).toBeUndefined();
  expect(readUser(child.pid)).toBeUndefined();
});

needs("Linux").test("row 10: a zombie has ended, though kill(2) finds it", async () => {
  await using world = new World();
  // The shell becomes a sleep that never waits for the child it is left with.
  const parent = world.spawn(["sh", "-c", "sleep 60 & echo $!; exec sleep 61"]);
  const pid = Number(await firstLine(parent));
  await until("it has exec'd", () => readCommandLine(parent.pid).includes("61"));
  process.kill(pid, "SIGKILL");
  await until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  expect(exists(pid)).toBe(true);
  expect(readProcess(pid)).toMatchObject({ pid, ended: true });
});

test("a group exists as long as a process is in it", async () => {
  await using world = new World();
  const leader = world.spawn(["setsid", "sleep", "60"]);
  await until("it leads a group", () => exists(-leader.pid));
  leader.kill("SIGKILL");
  await leader.exited;
  expect(exists(-leader.pid)).toBe(false);
});
