import { expect } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { firstLine, ROOT, script, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";

const { test } = needs("Linux");

const IMPORTS = `
  import { lockWithin } from "${ROOT}/native/linux/timed-flock.ts";
  import { tryLock } from "${ROOT}/native/posix/flock.ts";
  import { unlinkSync, readFileSync, writeFileSync } from "node:fs";`;

/** Holds the lock until its stdin ends. */
const holding = (path: string) =>
  script(`${IMPORTS}
    const lock = tryLock(${JSON.stringify(path)});
    console.log(lock === undefined ? "refused" : "held");
    process.stdin.on("end", () => lock[Symbol.dispose]()).resume();`);

/** Waits for the lock, and says what came of it. */
const waiting = (path: string, milliseconds: number, lastly = "") =>
  script(`${IMPORTS}
    const lock = lockWithin(${JSON.stringify(path)}, ${milliseconds});
    console.log(typeof lock === "object" ? "taken" : String(lock));
    ${lastly}`);

async function hold(world: World): Promise<{ path: string; letGo: () => unknown }> {
  const path = world.path("lock");
  const holder = world.spawn(holding(path), { stdin: "pipe" });
  expect(await firstLine(holder)).toBe("held");
  return { path, letGo: () => holder.stdin.end() };
}

/** Whether a process waits in the kernel for a lock on the file: "1: -> FLOCK …" in /proc/locks. */
function isWaitedFor(path: string): boolean {
  const { ino } = statSync(path);
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  return lines.some((line) => line.includes("-> FLOCK") && line.includes(`:${ino} `));
}

/** Runs a program whose alarm or mask of signals is as this line of Python makes it. */
const after = (line: string, command: string[]) => [
  "python3",
  "-c",
  `import os, signal, sys; ${line}; os.execv(sys.argv[1], sys.argv[1:])`,
  ...command,
];

test("a free lock is taken at once", async () => {
  await using world = new World();
  expect((await world.exec(waiting(world.path("lock"), 60_000))).out).toBe("taken\n");
});

test("a lock that is released meanwhile is taken", async () => {
  await using world = new World();
  const { path, letGo } = await hold(world);
  const waiter = world.spawn(
    script(`${IMPORTS}
      console.log("waits");
      const lock = lockWithin(${JSON.stringify(path)}, 600_000);
      console.log(typeof lock);`),
  );
  const reader = waiter.stdout.getReader();
  const text = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await text()).toBe("waits\n");
  await until("the kernel has it wait", () => isWaitedFor(path));
  letGo();
  expect(await text()).toBe("object\n");
});

test.each([0.0001, 1, 120])("one that stays held is late after %d ms", async (time) => {
  await using world = new World();
  const { path } = await hold(world);
  expect((await world.exec(waiting(path, time))).out).toBe("late\n");
});

test("one that stays held is late even where SIGALRM was blocked or ignored", async () => {
  await using world = new World();
  const { path } = await hold(world);
  for (const line of [
    "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])",
    "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
  ]) {
    expect((await world.exec(after(line, waiting(path, 50)))).out).toBe("late\n");
  }
});

test("an alarm that was set before is left alone, and goes off", async () => {
  await using world = new World();
  const { path } = await hold(world);
  const command = waiting(path, 50, "setInterval(() => {}, 1e6);");
  const { code, out } = await world.exec(after("signal.setitimer(signal.ITIMER_REAL, 2)", command));
  expect([out, code]).toEqual(["undefined\n", 128 + 14]);
});

test("SIGALRM has its previous effect once the wait is over", async () => {
  await using world = new World();
  const { path } = await hold(world);
  const lastly = `process.kill(process.pid, "SIGALRM"); setInterval(() => {}, 1e6);`;
  const { code, out } = await world.exec(waiting(path, 20, lastly));
  expect([out, code]).toEqual(["late\n", 128 + 14]);
});

test("eight processes that wait in the kernel lose no change, even if the lock's file is removed", async () => {
  await using world = new World();
  const path = world.path("lock");
  writeFileSync(`${path}.count`, "0");
  const counting = script(`${IMPORTS}
      const path = ${JSON.stringify(path)};
      for (let i = 0; i < 60; i++) {
        const lock = lockWithin(path, 600_000);
        const count = Number(readFileSync(path + ".count", "utf8"));
        writeFileSync(path + ".count", String(count + 1));
        // Last: from here on another process may lock a new file of that name.
        if (i % 10 === 0) unlinkSync(path);
        lock[Symbol.dispose]();
      }`);
  const results = await Promise.all(Array.from({ length: 8 }, () => world.exec(counting)));
  expect(results.map(({ err }) => err).filter((err) => err !== "")).toEqual([]);
  expect(readFileSync(`${path}.count`, "utf8")).toBe("480");
});
