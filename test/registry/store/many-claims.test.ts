import { describe, expect, test } from "bun:test";
import { acquire } from "../../../registry/allocate/acquire.ts";
import { reap } from "../../../registry/maintain/reap.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { callerFor } from "../../../registry/owner/caller.ts";
import { ownerRecord } from "../../../registry/owner/ownership.ts";
import { listClaims } from "../../../registry/query/list.ts";
import { encodeClaim } from "../../../registry/store/codec.ts";
import { AGENT, FakeMachine, PROJECT } from "../../fake-machine.ts";

/** More than are parsed in advance. */
const MANY = 300;
const FIRST = 5000;
const LIVES = 301;
const DIES = 302;
const RANGE = { range: { first: 3000, last: 3009 } };

const byPort = (a: { port: number }, b: { port: number }) => a.port - b.port;

/** Claims of two owners in turn, the highest port's the oldest; the second owner has ended. */
function scene(write: (claim: Claim) => string, recycledAt = -1) {
  const machine = new FakeMachine();
  for (const pid of [LIVES, DIES]) machine.start({ pid, parent: 1 });
  const claims: Claim[] = [];
  for (let i = MANY - 1; i >= 0; i--) {
    machine.advance(1);
    // From here on the pid is another process's.
    if (i === recycledAt) machine.start({ pid: LIVES, parent: 1 });
    const caller = callerFor(machine, i % 2 === 0 ? LIVES : DIES);
    claims.push({
      port: FIRST + i,
      pid: caller.owner.pid,
      agent: null,
      project: "other",
      service: `s${i % 7}`,
      claimed_at: "2023-11-14T22:13:20.000000Z",
      lease: "ephemeral",
      cwd: `/srv/${i % 3}`,
      owner: ownerRecord(machine, machine.where, caller),
    });
  }
  // The lowest port's file is found first.
  for (const claim of claims.toSorted(byPort)) machine.plant(claim.port, write(claim));
  machine.end(DIES);
  machine.advance(10);
  return machine;
}

const LAYOUTS = [
  ["as portclaim writes it", encodeClaim],
  ["as another program may", JSON.stringify as (claim: Claim) => string],
] as const;

describe.each(LAYOUTS)("of many claims, each file laid out %s,", (_layout, write) => {
  const request = { services: ["web"], cwd: PROJECT };

  test("those of a dead owner are reaped and all others left", async () => {
    const machine = scene(write);
    const { outcomes: settled } = await acquire(
      machine.registry(RANGE),
      request,
      machine.callerFor(AGENT),
    );
    expect(settled.map(({ claim }) => claim.port)).toEqual(
      Array.from({ length: MANY / 2 }, (_, i) => FIRST + 2 * i + 1),
    );
    expect(machine.contents().claims.size).toBe(MANY / 2 + 1);
  });

  test("those of a recycled pid are told from those of the process that has it now", async () => {
    const machine = scene(write, MANY / 2);
    const { outcomes: settled } = await acquire(
      machine.registry(RANGE),
      request,
      machine.callerFor(AGENT),
    );
    const recycled = settled.map(({ claim }) => claim).filter(({ pid }) => pid === LIVES);
    expect(recycled.map(({ port }) => port)).toEqual(
      Array.from({ length: MANY / 4 - 1 }, (_, i) => FIRST + MANY / 2 + 2 * i + 2),
    );
  });

  test("the caller's own is found again, by project, service and directory", async () => {
    const machine = scene(write);
    const ask = { services: ["s2"], project: "other", cwd: "/srv/2" };
    const registry = machine.registry(RANGE);
    const { grants } = await acquire(registry, ask, machine.callerFor(LIVES));
    expect(grants[0]).toMatchObject({ how: "again", claim: { pid: LIVES, service: "s2" } });
    expect(((grants[0]?.claim.port ?? 0) - FIRST) % 3).toBe(2);
    const elsewhere = { ...ask, cwd: "/srv" };
    const more = await acquire(registry, elsewhere, machine.callerFor(LIVES));
    expect(more.grants[0]).toMatchObject({ how: "new", claim: { port: 3000 } });
  });

  test("the oldest idle one is replaced if no port is free", async () => {
    const machine = scene(write);
    machine.advance(3600);
    const oldest = FIRST + MANY - 2;
    const range = { first: FIRST, last: FIRST + MANY - 1 };
    const registry = machine.registry({ range });
    for (let port = FIRST + 1; port < FIRST + MANY; port += 2) machine.bound.set(port, "used");
    const { grants } = await acquire(registry, request, machine.callerFor(AGENT));
    expect(grants[0]?.takenFrom).toMatchObject({ port: oldest, pid: LIVES, project: "other" });
  });

  test("each is listed, and one that can't be read reserves its port", async () => {
    const machine = scene(write);
    machine.plant(FIRST, write({ port: FIRST } as Claim).replace("}", ""));
    await reap(machine.registry(RANGE));
    const { claims, unreadable } = listClaims(machine.registry(RANGE));
    expect(unreadable).toMatchObject([{ port: FIRST }]);
    expect(claims.toSorted(byPort).map(({ port }) => port)).toEqual(
      Array.from({ length: MANY / 2 - 1 }, (_, i) => FIRST + 2 * i + 2),
    );
    expect(claims.every(({ state }) => state === "starting")).toBe(true);
  });
});
