import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { decodeClaim } from "../../registry/store/codec.ts";
import { freePort, PORTCLAIM, ROOT, script, World } from "../harness.ts";

/** Every name in claims/, and the claims that are there; fails on one that can't be read. */
function registryOf(world: World) {
  const names = readdirSync(`${world.home}/claims`);
  const claims = names
    .filter((name) => name.endsWith(".json"))
    .map((name) =>
      decodeClaim(readFileSync(`${world.home}/claims/${name}`, "utf8"), parseInt(name)),
    );
  expect(claims.filter((claim) => typeof claim === "string")).toEqual([]);
  return { names, claims: claims.filter((claim) => typeof claim !== "string") };
}

/** So many at once may have to wait long on a busy machine. */
const patient = { PORTCLAIM_LOCK_TIMEOUT: "1m" };

const numbers = (text: string) => text.split("\n").filter(Boolean).map(Number);

test("row 37: sixty acquires of one service at once get sixty ports", async () => {
  await using world = new World(patient);
  const all = 'for i in $(seq 60); do "$@" acquire --service web & done; wait';
  const { out, err } = await world.exec(["sh", "-c", all, "sh", ...PORTCLAIM]);
  expect(err.replaceAll(/^portclaim: waiting for the lock.*\n/gm, "")).toBe("");
  const ports = numbers(out).toSorted((a, b) => a - b);
  expect(new Set(ports).size).toBe(60);
  const { names, claims } = registryOf(world);
  expect(names.toSorted()).toEqual(ports.map((port) => `${port}.json`).toSorted());
  expect(new Set(claims.map(({ pid }) => pid))).toEqual(new Set([process.pid]));
});

test("row 37: of ten callers that want the same exact port, one gets it", async () => {
  await using world = new World();
  const port = String(await freePort());
  const asking = Array.from({ length: 10 }, (_, i) =>
    world.run(["acquire", "--service", `web-${i}`, "--prefer", port, "--exact"]),
  );
  const results = await Promise.all(asking);
  const winners = results.filter(({ code }) => code === 0);
  expect(winners.map(({ out }) => out)).toEqual([`${port}\n`]);
  expect(results.filter(({ code }) => code === 3)).toHaveLength(9);
  expect(registryOf(world).names).toEqual([`${port}.json`]);
});

test("concurrent acquires, releases and reaps leave a correct registry", async () => {
  await using world = new World(patient);
  const mixed = `
    must() { "$@" || echo "$* ended with $?" >&3; }
    for i in 1 2 3 4 5 6 7 8; do
      (must "$@" release "$(must "$@" acquire --service web)" >&2) &
      must "$@" acquire --service api & must "$@" reap >&2 &
    done 3>&1 2>/dev/null
    wait`;
  const { out } = await world.exec(["sh", "-c", mixed, "sh", ...PORTCLAIM]);
  expect(out).toMatch(/^(\d+\n){8}$/);
  const { names } = registryOf(world);
  expect(names.toSorted()).toEqual(
    numbers(out)
      .map((port) => `${port}.json`)
      .toSorted(),
  );
  expect(names).toHaveLength(8);
});

test("rows 15 and 16: acquires that are killed midway leave no port and no lock behind", async () => {
  await using world = new World();
  const children = Array.from({ length: 30 }, () =>
    world.spawn([...PORTCLAIM, "acquire", "--service", "web"]),
  );
  const outputs = children.map(({ stdout }) => new Response(stdout).text());
  // By the time the first has its port, the others may be anywhere on their way.
  await Promise.race(outputs);
  children.filter((_, i) => i % 2 === 0).forEach((child) => child.kill("SIGKILL"));
  const printed = (await Promise.all(outputs)).flatMap(numbers);
  expect(printed.length).toBeGreaterThanOrEqual(15);
  expect(new Set(printed).size).toBe(printed.length);
  const { claims } = registryOf(world);
  const ports = claims.map(({ port }) => port);
  expect(printed.filter((port) => !ports.includes(port))).toEqual([]);
  expect(printed).not.toContain(await world.acquire("--service", "web"));
});

test("row 15: an acquire killed between the write and the rename leaves the old state", async () => {
  await using world = new World();
  const port = await freePort();
  const dying = script(`
    import { acquire } from "${ROOT}/registry/allocate/acquire.ts";
    import { thisMachine } from "${ROOT}/native/machine.ts";
    import { callerFor } from "${ROOT}/registry/owner/caller.ts";
    import { openRegistry } from "${ROOT}/registry/store/registry.ts";
    const real = thisMachine();
    const rename = () => process.kill(process.pid, "SIGKILL");
    const machine = { ...real, files: { ...real.files, rename } };
    const registry = await openRegistry({ environment: process.env, machine });
    const request = { services: ["web"], cwd: process.cwd(), prefer: ${port} };
    await acquire(registry, request, callerFor(machine, process.ppid));`);
  const first = await world.acquire("--service", "first");
  expect((await world.exec(dying)).code).toBe(137);
  const left = readdirSync(`${world.home}/claims`).toSorted();
  expect(left).toEqual([`${first}.json`, `${port}.json.tmp`].toSorted());
  expect((await world.list()).map((claim) => claim.port)).toEqual([first]);
  expect(await world.acquire("--service", "web", "--prefer", String(port), "--exact")).toBe(port);
  expect(readdirSync(`${world.home}/claims`)).not.toContain(`${port}.json.tmp`);
});
