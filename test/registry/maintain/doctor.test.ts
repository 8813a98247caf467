import { expect } from "bun:test";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "../../agent.ts";
import { needs } from "../../needs.ts";
import { accepts, hasEnded } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import * as broken from "./broken-registry.ts";

const { doctor, found, snapshot } = broken;
const { test } = needs("Linux");

test("a healthy registry is left unchanged, and each check says ok", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  await sandbox.start(port);
  await sandbox.acquire("--service", "later");
  const before = snapshot(sandbox.home);
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(0);
  expect(found(checks)).toEqual([]);
  const kinds = [...new Set(checks.map(({ check }) => check))].toSorted();
  expect(kinds).toEqual(["claim", "config", "home", "lock", "range"]);
  expect(snapshot(sandbox.home)).toEqual(before);
});

/** A registry with every fault that can be planted, next to two claims that live. */
async function breakRegistry(sandbox: ShellSandbox) {
  const listening = await sandbox.acquire("--service", "listening");
  const server = await sandbox.start(listening);
  const starting = await sandbox.acquire("--service", "starting");
  const idle = await sandbox.acquire("--service", "idle");
  const persistent = await sandbox.acquire("--service", "persistent", "--lease", "persistent");
  const states = await broken.plantStates(sandbox, await Agent.start(sandbox));
  for (const port of [idle, persistent, states.dead]) await sandbox.age({ port }, 3600);
  const unreadable = broken.plantUnreadable(sandbox);
  const temporary = broken.plantTemporary(sandbox);
  for (const name of broken.JUNK) broken.plant(sandbox, name, "");
  broken.openToOthers(sandbox);
  return { listening, server, starting, idle, persistent, ...states, unreadable, temporary };
}

const numerically = (a: number, b: number) => a - b;

test("every planted fault is found by a dry run, which changes nothing, and then fixed", async () => {
  await using sandbox = new ShellSandbox();
  const planted = await breakRegistry(sandbox);
  const text = (port: number) => readFileSync(join(sandbox.home, `claims/${port}.json`), "utf8");
  const [listening, starting] = [text(planted.listening), text(planted.starting)];
  const before = snapshot(sandbox.home);
  const dry = await doctor(sandbox, "--dry-run");
  expect(snapshot(sandbox.home)).toEqual(before);
  const real = await doctor(sandbox);
  expect([dry.code, real.code]).toEqual([0, 0]);
  const facts = ({ checks }: typeof dry) =>
    found(checks).map(({ check, status, port }) => ({ check, status, port }));
  expect(facts(real)).toEqual(facts(dry));

  const { unreadable, temporary, dead, idle, persistent, foreign, orphaned } = planted;
  const about = (kind: string) =>
    found(real.checks).filter(({ check, status }) => check === kind && status === "fixed");
  expect(about("claim").map(({ port }) => port)).toEqual(
    [dead, idle, persistent, foreign, orphaned].toSorted(numerically),
  );
  expect(about("home").map(({ message }) => message)).toEqual([
    expect.stringContaining(`${sandbox.home}: `),
    expect.stringContaining(`${sandbox.home}/claims: `),
  ]);
  const files = about("file");
  expect(files.flatMap(({ port = 0 }) => port || []).toSorted(numerically)).toEqual(
    Object.values(unreadable).toSorted(numerically),
  );
  expect(files.filter(({ port }) => port === undefined)).toMatchObject([
    { message: expect.stringContaining(temporary) },
  ]);
  const warnings = found(real.checks).filter(({ status }) => status !== "fixed");
  expect(warnings).toMatchObject(
    broken.JUNK.toSorted().map((name) => ({
      check: "file",
      status: "warning",
      message: expect.stringContaining(`claims/${name}`),
      hint: expect.stringContaining(join(sandbox.home, "claims")),
    })),
  );

  // The faults are gone, and what lives is as it was.
  expect(text(planted.listening)).toBe(listening);
  expect(text(planted.starting)).toBe(starting);
  expect(hasEnded(planted.server)).toBe(false);
  expect(await sandbox.states()).toEqual({
    [planted.listening]: "listening",
    [planted.starting]: "starting",
    [planted.orphaned]: "listening",
  });
  expect((await sandbox.view(planted.orphaned))?.pid).toBe(planted.adopter);
  expect(await accepts(planted.foreign)).toBe(true);
  for (const name of ["", "claims", "quarantine"]) {
    expect(lstatSync(join(sandbox.home, name)).mode & 0o777).toBe(0o700);
  }
  const claims = [planted.listening, planted.starting, planted.orphaned];
  expect(readdirSync(join(sandbox.home, "claims")).toSorted()).toEqual(
    [...claims.map((port) => `${port}.json`), ...broken.JUNK].toSorted(),
  );
  // What was moved aside is all there still, and the symlink wasn't followed.
  const aside = readdirSync(join(sandbox.home, "quarantine")).map((name) => parseInt(name, 10));
  expect(aside.toSorted()).toEqual(Object.values(unreadable).toSorted());
  expect(existsSync(sandbox.path("elsewhere.json"))).toBe(true);

  const again = await doctor(sandbox);
  expect(found(again.checks)).toHaveLength(broken.JUNK.length);
  expect(found(again.checks).every(({ status }) => status === "warning")).toBe(true);
});

test("an unreadable claim file keeps its port from being handed out until it is moved aside", async () => {
  await using sandbox = new ShellSandbox();
  await sandbox.acquire("--service", "first");
  const unreadable = broken.plantUnreadable(sandbox);
  for (const [what, port] of Object.entries(unreadable)) {
    const prefer = ["--service", `prefers what is ${what}`, "--prefer", `${port}`, "--exact"];
    expect(await sandbox.refusal("acquire", ...prefer)).toMatchObject({ exit: 3 });
    expect(await sandbox.json<object>("who", `${port}`)).toMatchObject({
      problem: expect.any(String),
    });
  }
  await doctor(sandbox);
  const { empty } = unreadable;
  expect(await sandbox.acquire("--service", "mine", "--prefer", `${empty}`)).toBe(empty ?? 0);
});

test("row 30: a file named for one port that claims another holds the first and not the second", async () => {
  await using sandbox = new ShellSandbox();
  const web = await sandbox.acquire("--service", "web");
  const [named, inside] = [sandbox.ports.next(), sandbox.ports.next()];
  const text = readFileSync(join(sandbox.home, `claims/${web}.json`), "utf8");
  broken.plant(sandbox, `${named}.json`, text.replaceAll(`${web}`, `${inside}`));
  const { err } = await sandbox.run(["list"]);
  for (const port of [named, inside]) expect(err).toContain(`${port}`);
  const prefer = (port: number) =>
    sandbox.run(["acquire", "--service", `on-${port}`, "--prefer", `${port}`, "--exact"]);
  expect(await prefer(named)).toMatchObject({ code: 3, out: "" });
  expect(await prefer(inside)).toMatchObject({ code: 0, out: `${inside}\n` });
  expect(found((await doctor(sandbox, "--dry-run")).checks)).toMatchObject([{ port: named }]);
});
