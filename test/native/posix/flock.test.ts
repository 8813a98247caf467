import { expect, test } from "bun:test";
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { lockHolder } from "../../../native/linux/lock-holder.ts";
import { tryLock } from "../../../native/posix/flock.ts";
import { firstLine, ROOT, script, temporaryFolder, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { injecting } from "../../privileged.ts";

/** Takes the lock, says so, and holds it for as long as it lives. */
const holding = (path: string, also = "") =>
  script(`
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    const lock = tryLock(${JSON.stringify(path)});
    ${also}
    console.log(lock === undefined ? "refused" : "held");
    setInterval(() => {}, 1e6);`);

/** Adds one to a number in a file, again and again, each time under the lock. */
const counting = (path: string, rounds: number, lastly = "") =>
  script(`
    import { readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
    import { sleep } from "${ROOT}/native/posix/clock.ts";
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    const path = ${JSON.stringify(path)};
    for (let i = 0; i < ${rounds}; i++) {
      let lock;
      while ((lock = tryLock(path)) === undefined) sleep(Math.random());
      const count = Number(readFileSync(path + ".count", "utf8"));
      writeFileSync(path + ".count", String(count + 1));
      ${lastly}
      lock[Symbol.dispose]();
    }`);

async function countTogether(lastly: string): Promise<{ count: number; errors: string[] }> {
  await using world = new World();
  const path = world.path("lock");
  writeFileSync(`${path}.count`, "0");
  const workers = Array.from({ length: 8 }, () => world.exec(counting(path, 100, lastly)));
  const results = await Promise.all(workers);
  const count = Number(readFileSync(`${path}.count`, "utf8"));
  return { count, errors: results.map(({ err }) => err).filter((err) => err !== "") };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  throw new Error("it did not fail");
}

test("a held lock can't be taken, not even by its holder, until it is released", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  const lock = tryLock(path);
  expect(lock?.path).toBe(path);
  expect(tryLock(path)).toBeUndefined();
  lock?.[Symbol.dispose]();
  using again = tryLock(path);
  expect(again?.path).toBe(path);
});

test("row 37: of eight processes, two never hold the lock at once", async () => {
  expect(await countTogether("")).toEqual({ count: 800, errors: [] });
});

test("row 19: not even where each holder in turn removes the lock's file", async () => {
  expect(await countTogether("unlinkSync(path);")).toEqual({ count: 800, errors: [] });
});

test("row 19: nor where each moves it away", async () => {
  expect(await countTogether('renameSync(path, path + ".old");')).toEqual({
    count: 800,
    errors: [],
  });
});

test("row 19: a lock whose file was replaced is taken again, and the old one is released without harm", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  const old = tryLock(path);
  writeFileSync(`${path}.new`, "");
  renameSync(`${path}.new`, path);
  using current = tryLock(path);
  expect(current?.path).toBe(path);
  expect(tryLock(path)).toBeUndefined();
  old?.[Symbol.dispose]();
  expect(tryLock(path)).toBeUndefined();
});

test("a lock file that was removed is created again", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  tryLock(path)?.[Symbol.dispose]();
  unlinkSync(path);
  using lock = tryLock(path);
  expect(lock?.path).toBe(path);
});

test("row 16: SIGKILL of its holder frees it", async () => {
  await using world = new World();
  const path = world.path("lock");
  const holder = world.spawn(holding(path));
  expect(await firstLine(holder)).toBe("held");
  expect(tryLock(path)).toBeUndefined();
  holder.kill("SIGKILL");
  await holder.exited;
  using lock = tryLock(path);
  expect(lock?.path).toBe(path);
});

test("row 17: a stopped process still holds it, and can be named", async () => {
  await using world = new World();
  const path = world.path("lock");
  const holder = world.spawn(holding(path));
  await firstLine(holder);
  holder.kill("SIGSTOP");
  expect(tryLock(path)).toBeUndefined();
  expect(lockHolder(path)).toBe(holder.pid);
});

test("row 18: the holder's children don't keep it", async () => {
  await using world = new World();
  const path = world.path("lock");
  const children = `
    const options = { stdin: "ignore", stdout: "ignore", stderr: "ignore" };
    const first = Bun.spawn(["sleep", "60"], options);
    const second = require("node:child_process").spawn("sleep", ["60"], { stdio: "ignore", detached: true });
    console.log(first.pid, second.pid);`;
  const holder = world.spawn(holding(path, children));
  const pids = (await firstLine(holder)).split(" ").map(Number);
  try {
    holder.kill("SIGKILL");
    await holder.exited;
    expect(pids.map((pid) => process.kill(pid, 0))).toEqual([true, true]);
    // A child closes what it inherits a moment after its parent returns from vfork(2).
    using lock = await until("the lock is free", () => tryLock(path), 5);
    expect(lock.path).toBe(path);
  } finally {
    pids.forEach((pid) => process.kill(pid, "SIGKILL"));
  }
});

needs("Linux").test("row 18: its descriptor closes when a program begins", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  using _lock = tryLock(path);
  const descriptors = readdirSync("/proc/self/fd").filter((name) => linkOf(name) === path);
  const flags = descriptors.map((name) => readFileSync(`/proc/self/fdinfo/${name}`, "utf8"));
  expect(flags).toEqual([expect.stringMatching(/^flags:\s+0?2\d{6}$/m) as never]);
});

function linkOf(name: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return undefined;
  }
}

test("row 20: a lock that is a symlink is refused, even to a file that could be locked", () => {
  using folder = temporaryFolder();
  writeFileSync(`${folder.path}/target`, "");
  symlinkSync("target", `${folder.path}/lock`);
  symlinkSync("missing", `${folder.path}/dangling`);
  expect(codeOf(() => tryLock(`${folder.path}/lock`))).toBe("ELOOP");
  expect(codeOf(() => tryLock(`${folder.path}/dangling`))).toBe("ELOOP");
});

test("row 20: a lock that is a pipe is refused without waiting for its other end", async () => {
  await using world = new World();
  await world.exec(["mkfifo", world.path("lock")]);
  expect(codeOf(() => tryLock(world.path("lock")))).toBe("EFTYPE");
});

test("row 20: a lock that is a directory is refused", async () => {
  await using world = new World();
  expect(codeOf(() => tryLock(world.cwd))).toBe("EISDIR");
});

test("a lock in a missing directory is an error, not a wait", () => {
  using folder = temporaryFolder();
  expect(codeOf(() => tryLock(`${folder.path}/none/lock`))).toBe("ENOENT");
});

test("a refused lock leaves no descriptor open", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  using _lock = tryLock(path);
  const before = openFiles();
  for (let i = 0; i < 50; i++) tryLock(path);
  symlinkSync("lock", `${path}-link`);
  for (let i = 0; i < 50; i++) codeOf(() => tryLock(`${path}-link`));
  expect(openFiles()).toBe(before);
});

const openFiles = () =>
  Array.from(new Bun.Glob("*").scanSync({ cwd: "/dev/fd", onlyFiles: false })).length;

needs("tracing").test("row 21: a lock is asked for again when a signal interrupts", async () => {
  await using world = new World();
  const log = world.path("strace");
  const take = script(`
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    console.log(tryLock("${world.path("lock")}") === undefined ? "refused" : "held");`);
  const { out } = await world.exec([...injecting("flock:error=EINTR:when=1..3", log), ...take]);
  expect(out).toBe("held\n");
  const calls = await until("strace has written", () => readFileSync(log, "utf8"));
  expect(calls.match(/EINTR.*INJECTED/g)).toHaveLength(3);
});

needs("tracing").test("row 22: a file system that can't lock is an error", async () => {
  await using world = new World();
  const take = script(`
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    try { tryLock("${world.path("lock")}"); } catch (error) { console.log(error.code); }`);
  const fault = injecting("flock:error=ENOLCK", world.path("strace"));
  expect((await world.exec([...fault, ...take])).out).toBe("ENOLCK\n");
});
