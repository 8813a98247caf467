import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "../../agent.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../../stage.ts";
import * as faults from "./broken-registry.ts";

const { doctor, found, snapshot } = faults;

beforeAll(buildBinary);

test("a registry without a fault is left as it is, and each check says ok", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  await stage.start(port);
  await stage.acquire("--service", "later");
  const before = snapshot(stage.home);
  const { code, checks } = await doctor(stage);
  expect(code).toBe(0);
  expect(found(checks)).toEqual([]);
  const kinds = [...new Set(checks.map(({ check }) => check))].toSorted();
  expect(kinds).toEqual(["claim", "config", "home", "lock", "range"]);
  expect(snapshot(stage.home)).toEqual(before);
});

describe("every planted fault", () => {
  /** A registry with all of them, next to two claims that live. */
  async function broken(stage: Stage) {
    const listening = await stage.acquire("--service", "listening");
    const server = await stage.start(listening);
    const starting = await stage.acquire("--service", "starting");
    const idle = await stage.acquire("--service", "idle");
    const persistent = await stage.acquire("--service", "persistent", "--lease", "persistent");
    const states = await faults.plantStates(stage, await Agent.start(stage));
    for (const port of [idle, persistent, states.dead]) {
      const claim = await stage.claim(port);
      if (claim) await stage.age(claim, 3600);
    }
    const unreadable = faults.plantUnreadable(stage);
    const temporary = faults.plantTemporary(stage);
    for (const name of faults.JUNK) faults.plant(stage, name, "");
    faults.openToOthers(stage);
    return { listening, server, starting, idle, persistent, ...states, unreadable, temporary };
  }

  test("is found by a dry run, which changes nothing, then mended where it may be", async () => {
    await using stage = new Stage();
    const world = await broken(stage);
    const before = snapshot(stage.home);
    const dry = await doctor(stage, "--dry-run");
    expect(snapshot(stage.home)).toEqual(before);
    const real = await doctor(stage);
    expect([dry.code, real.code]).toEqual([0, 0]);
    const essence = ({ checks }: typeof dry) =>
      found(checks).map(({ check, status, port, message }) => [
        check,
        status,
        port,
        message.replace(/\d+[smh]/, "a while"),
      ]);
    expect(essence(real)).toEqual(essence(dry));

    const { unreadable, temporary, dead, idle, persistent, strange, orphaned } = world;
    const fixed = found(real.checks).filter(({ status }) => status === "fixed");
    const about = (check: string) => fixed.filter((each) => each.check === check);
    expect(about("claim").map(({ port }) => port)).toEqual(
      [dead, idle, persistent, strange, orphaned].toSorted((a, b) => a - b),
    );
    expect(about("home").map(({ message }) => message)).toEqual([
      `${stage.home}: others may write to it (mode 0770)`,
      `${stage.home}/claims: others may write to it (mode 0770)`,
    ]);
    const files = about("file").map(({ port, message }) => port ?? message);
    expect(files.toSorted()).toEqual(
      [
        ...Object.values(unreadable),
        ...temporary.map((name) => `${name} of a dead writer: removed`),
      ].toSorted(),
    );
    const warnings = found(real.checks).filter(({ status }) => status !== "fixed");
    expect(warnings.map(({ check, status, message }) => [check, status, message])).toEqual(
      faults.JUNK.toSorted().map((name) => [
        "file",
        "warning",
        `claims/${name} is no claim and is ignored`,
      ]),
    );
    for (const { hint } of warnings) expect(hint).toContain(join(stage.home, "claims"));
  });

  test("is gone afterwards, and what lives is as it was", async () => {
    await using stage = new Stage();
    const world = await broken(stage);
    const text = (port: number) => readFileSync(join(stage.home, `claims/${port}.json`), "utf8");
    const [listening, starting] = [text(world.listening), text(world.starting)];
    await doctor(stage);

    expect(text(world.listening)).toBe(listening);
    expect(text(world.starting)).toBe(starting);
    expect(hasEnded(world.server)).toBe(false);
    expect(await stage.states()).toEqual({
      [world.listening]: "listening",
      [world.starting]: "starting",
      [world.orphaned]: "listening",
    });
    expect((await stage.view(world.orphaned))?.pid).toBe(world.heir);
    expect(await accepts(world.strange)).toBe(true);
    for (const name of ["", "claims", "quarantine"]) {
      expect(lstatSync(join(stage.home, name)).mode & 0o777).toBe(0o700);
    }
    const claims = [world.listening, world.starting, world.orphaned].map((port) => `${port}.json`);
    expect(readdirSync(join(stage.home, "claims")).toSorted()).toEqual(
      [...claims, ...faults.JUNK].toSorted(),
    );
    // What was put aside is all there still, and nobody followed the symlink.
    const aside = readdirSync(join(stage.home, "quarantine")).map((name) => parseInt(name, 10));
    expect(aside.toSorted()).toEqual(Object.values(world.unreadable).toSorted());
    expect(existsSync(stage.path("elsewhere.json"))).toBe(true);

    const again = await doctor(stage);
    expect(found(again.checks).every(({ status }) => status === "warning")).toBe(true);
    expect(found(again.checks)).toHaveLength(faults.JUNK.length);
  });

  test("of a claim file keeps its port from being handed out until it is put aside", async () => {
    await using stage = new Stage();
    await stage.acquire("--service", "first");
    for (const [what, port] of Object.entries(faults.plantUnreadable(stage))) {
      const prefer = ["--service", `prefers what is ${what}`, "--prefer", `${port}`, "--exact"];
      const refused = await stage.portclaim("acquire", ...prefer);
      expect(refused, what).toMatchObject({ code: 3, out: "" });
      expect(refused.err).toContain("its claim file can't be understood");
      expect((await stage.portclaim("who", `${port}`)).out).toContain("problem");
    }
    await doctor(stage);
    const { empty } = faults.plantUnreadable(stage);
    await doctor(stage);
    expect(await stage.acquire("--service", "mine", "--prefer", `${empty}`)).toBe(empty ?? 0);
  });
});
