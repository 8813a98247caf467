import { expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { freePort, World } from "../harness.ts";

setDefaultTimeout(60_000);

const JUNK = 100_000;
const HIGHEST = 65_535;

/** A registry in memory, where many files are quickly created: nothing here is about the disk. */
class HugeWorld extends World {
  override readonly home = mkdtempSync(
    `${existsSync("/dev/shm") ? "/dev/shm" : tmpdir()}/portclaim-`,
  );

  constructor() {
    super();
    this.env["PORTCLAIM_HOME"] = this.home;
    mkdirSync(`${this.home}/claims`, { mode: 0o700 });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    rmSync(this.home, { recursive: true });
  }
}

test("row 39: a hundred thousand junk names slow nothing down noticeably", async () => {
  await using world = new HugeWorld();
  const first = `${world.home}/claims/junk-0.json`;
  writeFileSync(first, "");
  for (let i = 1; i < JUNK; i++) linkSync(first, `${world.home}/claims/junk-${i}.json`);
  const port = await world.acquire("--service", "web");
  expect(await world.list()).toMatchObject([{ port, service: "web" }]);
  expect(await world.run(["release", String(port)])).toMatchObject({ code: 0 });
});

test("rows 39 and 40: with every port claimed, one more is refused, and one that ends is found", async () => {
  await using world = new HugeWorld();
  writeFileSync(`${world.home}/config.toml`, `[pool]\nrange = "1-${HIGHEST}"\n`);
  const facts = { agent: null, project: "p", service: "s", lease: "persistent" };
  const claimed_at = new Date().toISOString();
  for (let port = 1; port <= HIGHEST; port++) {
    const text = JSON.stringify({ ...facts, port, pid: process.pid, claimed_at });
    writeFileSync(`${world.home}/claims/${port}.json`, text);
  }
  const full = await world.run(["acquire", "--service", "web"]);
  expect([full.code, full.out]).toEqual([3, ""]);
  expect(full.err).toContain(`no free port in 1-${HIGHEST}`);
  expect(readdirSync(`${world.home}/claims`)).toHaveLength(HIGHEST);
  const free = await freePort();
  expect(await world.run(["release", String(free)])).toMatchObject({ code: 0 });
  const asking = ["--service", "web", "--prefer", String(free - 1)];
  expect(await world.acquire(...asking)).toBe(free);
});
