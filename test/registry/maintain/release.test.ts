import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { RegistryError } from "../../../registry/errors/errors.ts";
import { release, type ReleaseRequest } from "../../../registry/maintain/release.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";

const OTHER = 500;

/** web and api in my-app, and web of shop by another agent in another directory. */
async function scene(): Promise<FakeMachine> {
  const machine = new FakeMachine();
  const own = { services: ["web", "api"], cwd: PROJECT, prefer: 4000 };
  await acquire(machine.registry(), own, machine.caller());
  machine.start({ pid: OTHER, argv: ["codex"] });
  const theirs = { services: ["web"], cwd: `${HOME}/shop`, prefer: 4002, agent: "codex" };
  await acquire(machine.registry(), theirs, machine.caller(OTHER));
  machine.parent = AGENT;
  return machine;
}

const free = async (
  machine: FakeMachine,
  target: ReleaseRequest["target"],
  { force = false, ...here }: { force?: boolean; cwd?: string; project?: string } = {},
  caller = true,
) => {
  const request = { target, here: { cwd: PROJECT, project: "my-app", ...here }, force };
  const freed = await release(machine.registry(), request, caller ? machine.caller() : undefined);
  return freed.claims.map(({ port }) => port);
};

const refusal = (...args: Parameters<typeof free>) =>
  free(...args).then(
    () => undefined,
    (error: RegistryError) => ({ message: error.message, ...error.reason }),
  );

const left = (machine: FakeMachine) => [...machine.contents().claims.keys()].toSorted();

test("a port is freed", async () => {
  const machine = await scene();
  expect(await free(machine, { port: 4001 })).toEqual([4001]);
  expect(left(machine)).toEqual([4000, 4002]);
});

test("a service means this project's", async () => {
  const machine = await scene();
  expect(await free(machine, { service: "web" })).toEqual([4000]);
});

test("a service that this project lacks means the only other project's", async () => {
  const machine = await scene();
  const elsewhere = { cwd: `${HOME}/shop`, project: "nowhere" };
  expect(await free(machine, { service: "api" }, { ...elsewhere, force: true })).toEqual([4001]);
});

test("a service that is claimed in other directories alone is not found", async () => {
  const machine = await scene();
  const found = await refusal(machine, { service: "web" }, { cwd: "/srv", project: "srv" }, false);
  expect(found).toMatchObject({ code: "not-found" });
  expect(left(machine)).toEqual([4000, 4001, 4002]);
});

test("a project means all of it", async () => {
  const machine = await scene();
  expect((await free(machine, { project: "my-app" })).toSorted()).toEqual([4000, 4001]);
  expect(left(machine)).toEqual([4002]);
});

test("a service of a project means that one", async () => {
  const machine = await scene();
  const request = { cwd: `${HOME}/shop` };
  expect(await free(machine, { service: "web", project: "shop" }, request)).toEqual([4002]);
});

test.each([
  [{ port: 4009 }, "port 4009"],
  [{ service: "db" }, 'service "db"'],
  [{ service: "api", project: "shop" }, 'service "api" in project "shop"'],
  [{ project: "none" }, 'project "none"'],
])("%j, which has no claim, is not found", async (target, what) => {
  const machine = await scene();
  expect(await refusal(machine, target)).toMatchObject({ code: "not-found", what });
});

describe("another owner's living claim in another directory", () => {
  test("is refused, and its owner is named", async () => {
    const machine = await scene();
    const found = await refusal(machine, { port: 4002 });
    expect(found).toMatchObject({ code: "not-owner", port: 4002 });
    expect(found?.message).toBe(
      `port 4002 is claimed by codex, codex (pid 500), for "web" in shop, in ${HOME}/shop (starting)`,
    );
  });

  test("is freed by force", async () => {
    const machine = await scene();
    expect(await free(machine, { port: 4002 }, { force: true })).toEqual([4002]);
  });

  test("is freed by anyone who works in that directory", async () => {
    const machine = await scene();
    expect(await free(machine, { port: 4002 }, { cwd: `${HOME}/shop` })).toEqual([4002]);
  });

  test("is freed by its owner from anywhere", async () => {
    const machine = await scene();
    machine.parent = OTHER;
    expect(await free(machine, { port: 4002 }, { cwd: "/" })).toEqual([4002]);
  });

  test("is freed by anyone once its owner is dead", async () => {
    const machine = await scene();
    machine.end(OTHER);
    expect(await free(machine, { port: 4002 })).toEqual([4002]);
  });

  test("is refused to a caller without an owner in another directory", async () => {
    const machine = await scene();
    expect(await refusal(machine, { port: 4002 }, {}, false)).toMatchObject({ code: "not-owner" });
    expect(await free(machine, { port: 4000 }, {}, false)).toEqual([4000]);
  });

  test("row 2: is not freed by a process that has its owner's pid now", async () => {
    const machine = await scene();
    const claim = machine.claim(4002);
    machine.advance(1);
    machine.plant(4002, { ...claim, owner: { ...claim?.owner, start: "1", pidns: "7" } });
    machine.start({ pid: 700, namespaces: { pid: "7", net: null } });
    machine.parent = OTHER;
    expect(await refusal(machine, { port: 4002 }, { cwd: "/" })).toMatchObject({
      code: "not-owner",
    });
  });
});

test("a project with one claim that may not be freed keeps all of them", async () => {
  const machine = await scene();
  const claim = machine.claim(4002);
  machine.plant(4002, { ...claim, project: "my-app" });
  expect(await refusal(machine, { project: "my-app" })).toMatchObject({ code: "not-owner" });
  expect(left(machine)).toEqual([4000, 4001, 4002]);
});

test("rows 7 and 8: a claim whose owner can't be seen from here is released by force alone", async () => {
  const machine = await scene();
  machine.where = { ...machine.where, host: "another", boot: "another" };
  const request = { cwd: PROJECT };
  expect(await refusal(machine, { port: 4000 }, request)).toMatchObject({ code: "not-owner" });
  expect(await free(machine, { port: 4000 }, { ...request, force: true })).toEqual([4000]);
});

test("row 28: a claim file that can't be read is freed by force alone", async () => {
  const machine = await scene();
  machine.plant(4005, "garbage");
  const found = await refusal(machine, { port: 4005 });
  expect(found).toMatchObject({ code: "unreadable-claim", port: 4005, problem: "not JSON" });
  await free(machine, { port: 4005 }, { force: true });
  expect(machine.contents().unreadable.size).toBe(0);
});

test("row 14: a listener keeps running, and its port is not granted", async () => {
  const machine = await scene();
  machine.start({ pid: 600 });
  machine.listen(4000, 600);
  await free(machine, { port: 4000 });
  expect(machine.signals).toEqual([]);
  const request = { services: ["web"], cwd: PROJECT, prefer: 4000 };
  const { grants } = await acquire(machine.registry(), request, machine.caller());
  expect(grants[0]?.claim.port).not.toBe(4000);
});
