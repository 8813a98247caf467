import { expect, setDefaultTimeout, test } from "bun:test";
import { ROOT, script, until, World } from "../../harness.ts";
import { Watcher } from "./watcher.ts";

setDefaultTimeout(120_000);

const WORKERS = 8;
/** Claims and releases in all: each worker makes its part of them. */
const CHANGES = 1000;
const KEPT = 5;

/** Claims and releases at random, keeps a few claims, says so, and lives on until its stdin ends. */
const WORKER = `
import { acquire, release } from "${ROOT}/lib/index.ts";
const held = [];
for (let left = ${CHANGES / WORKERS}; left > 0; left--) {
  const mustRelease = held.length >= ${KEPT} && left <= held.length - ${KEPT};
  if (held.length > 0 && (mustRelease || Math.random() < 0.45)) {
    const [port] = held.splice(Math.floor(Math.random() * held.length), 1);
    await release(port);
  } else held.push((await acquire("s" + left)).port);
}
console.log(JSON.stringify(held));
for await (const line of console) break;
`;

test("replaying its output leads to the final state, however much changes at once", async () => {
  await using world = new World({}, 800);
  const watcher = await Watcher.start(world);
  const workers = Array.from({ length: WORKERS }, () => world.spawn(script(WORKER)));
  const held = await Promise.all(
    workers.map(async ({ stdout, stderr }) => {
      const { value } = await stdout.getReader().read();
      if (value === undefined) throw new Error(await new Response(stderr).text());
      return JSON.parse(new TextDecoder().decode(value)) as number[];
    }),
  );
  const agreed = await watcher.agrees();
  const others = agreed.filter(({ service }) => service !== "first");
  expect(others.map(({ port }) => port)).toEqual(held.flat().toSorted((a, b) => a - b));

  // The same once all of them were killed.
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(workers.map((worker) => worker.exited));
  await world.run(["reap"]);
  expect((await watcher.agrees()).map(({ service }) => service)).toEqual(["first"]);
});

test("hundreds of claims that come and go at once are each reported", async () => {
  await using world = new World({}, 400);
  const watcher = await Watcher.start(world);
  const services = Array.from({ length: 300 }, (_, i) => `s${i}`);
  const flags = services.flatMap((service) => ["--service", service]);
  expect((await world.run(["acquire", ...flags, "--project", "many"])).code).toBe(0);
  expect(await watcher.agrees()).toHaveLength(301);
  expect((await world.run(["release", "--project", "many"])).code).toBe(0);
  expect(await watcher.agrees()).toHaveLength(1);
  const told = watcher.events.filter(({ claim }) => claim.project === "many");
  await until("both halves are told", () => told.length === 600);
  expect(new Set(told.map(({ event, claim }) => `${event} ${claim.service}`)).size).toBe(600);
});
