import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { firstLine, PORTCLAIM, ROOT, script, until, World } from "../harness.ts";

/** Starts a process that holds the registry's lock. */
async function hold(world: World) {
  await world.run(["init"]);
  const holder = world.spawn(
    script(`
      import { tryLock } from "${ROOT}/native/posix/flock.ts";
      const lock = tryLock("${world.home}/.lock");
      console.log(lock === undefined ? "refused" : "held");
      setInterval(() => {}, 1e6);`),
  );
  expect(await firstLine(holder)).toBe("held");
  return holder;
}

const asking = ["acquire", "--service", "web"];
const soon = { env: { PORTCLAIM_LOCK_TIMEOUT: "300ms" } };

test("row 17: waiting for a stopped holder ends at the deadline with exit code 5, and names it", async () => {
  await using world = new World();
  const holder = await hold(world);
  holder.kill("SIGSTOP");
  const { code, out, err } = await world.run(asking, soon);
  expect(err).toBe(
    `portclaim: process ${holder.pid} is holding the lock ${world.home}/.lock\n` +
      "hint: try again, or wait longer: PORTCLAIM_LOCK_TIMEOUT=30s\n",
  );
  expect(out).toBe("");
  expect(code).toBe(5);
  expect(await world.list()).toEqual([]);
});

test("row 17: a wait of more than half a second is reported once, with the holder", async () => {
  await using world = new World();
  const holder = await hold(world);
  const env = { PORTCLAIM_LOCK_TIMEOUT: "0.9s" };
  const { code, err } = await world.run(asking, { env });
  expect(err.match(/waiting/g)).toHaveLength(1);
  expect(err).toStartWith(`portclaim: waiting for the lock, held by process ${holder.pid} …\n`);
  expect(code).toBe(5);
});

test("row 16: SIGKILL of the holder lets waiting processes proceed", async () => {
  await using world = new World();
  const holder = await hold(world);
  const waiter = world.spawn([...PORTCLAIM, ...asking]);
  expect(await firstLine({ stdout: waiter.stderr })).toContain("waiting for the lock");
  holder.kill("SIGKILL");
  const port = Number(await new Response(waiter.stdout).text());
  expect(await waiter.exited).toBe(0);
  expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
});

test("readers never wait for the lock", async () => {
  await using world = new World();
  await world.acquire("--service", "web");
  (await hold(world)).kill("SIGSTOP");
  for (const args of [["list"], ["find", "--service", "web"], ["reap", "--dry-run"]]) {
    expect(await world.run(args, soon)).toMatchObject({ code: 0 });
  }
});

test.each([[["release", "3000"]], [["reap"]], [asking]])(
  "%p, which makes changes, does",
  async (args) => {
    await using world = new World();
    await hold(world);
    expect(await world.run(args, soon)).toMatchObject({ code: 5 });
  },
);

test("row 19: a removed or replaced lock file does no harm", async () => {
  await using world = new World();
  const first = await world.acquire("--service", "web");
  unlinkSync(`${world.home}/.lock`);
  const second = await world.acquire("--service", "web");
  writeFileSync(`${world.home}/.lock`, "anything");
  const third = await world.acquire("--service", "web");
  expect(new Set([first, second, third]).size).toBe(3);
});

test.each<[string, (path: string) => unknown, string]>([
  ["a symlink", (path) => symlinkSync("/dev/null", path), "is a symbolic link"],
  ["a pipe", (path) => Bun.spawnSync(["mkfifo", path]), "not a regular file"],
  ["a folder", (path) => mkdirSync(path), "is a directory"],
])("row 20: a lock that is %s is refused by name", async (_, make, problem) => {
  await using world = new World();
  await world.run(["release", "1"]);
  unlinkSync(`${world.home}/.lock`);
  make(`${world.home}/.lock`);
  const { code, err } = await world.run(asking);
  expect(err).toStartWith("portclaim: cannot ");
  expect(err).toContain(`${world.home}/.lock: ${problem}`);
  expect(code).toBe(1);
});

test.each(["soon", "5", "-1s"])("a timeout of %p is refused", async (timeout) => {
  await using world = new World();
  const { code, err } = await world.run(asking, { env: { PORTCLAIM_LOCK_TIMEOUT: timeout } });
  expect(err).toContain(`PORTCLAIM_LOCK_TIMEOUT is not a duration: "${timeout}"`);
  expect(code).toBe(2);
});

test("the lock is free again after every command", async () => {
  await using world = new World();
  const commands = [asking, ["release", "1"], ["reap"], [...asking, "--prefer", "0"]];
  for (const args of commands) {
    await world.run(args);
    const free = ["flock", "--nonblock", `${world.home}/.lock`, "echo", "free"];
    expect((await until("it ends", () => world.exec(free))).out).toBe("free\n");
  }
});
