import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { acquire } from "../../registry/allocate/acquire.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { doctor } from "../../registry/maintain/doctor.ts";
import { reap } from "../../registry/maintain/reap.ts";
import { findClaim } from "../../registry/query/find.ts";
import { inspectPort } from "../../registry/query/inspect.ts";
import { listClaims } from "../../registry/query/list.ts";
import { decodeClaim, patchClaim } from "../../registry/store/codec.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";
import { runs } from "../runs.ts";
import { damaged, nastyText, nastyValue } from "./corpus.ts";

setDefaultTimeout(60_000);

const FIELDS = {
  port: 3000,
  pid: AGENT,
  agent: null,
  project: "my-app",
  service: "web",
  claimed_at: "2023-11-14T22:13:20.000000Z",
  lease: "ephemeral",
  cwd: PROJECT,
};
const OWNER = {
  command: "claude",
  start: "100000",
  boot: "boot",
  pidns: "4026531836",
  netns: "4026531840",
  host: "host",
  group: 100,
  at: "1000.5",
  asked: 100_000,
};
const SERVER = 400;

/** A claim with some fields replaced, left out or added. */
const almostClaim = fc
  .record({
    fields: fc.dictionary(
      fc.constantFrom(...Object.keys(FIELDS), "owner", "__proto__"),
      nastyValue,
      {
        maxKeys: 2,
      },
    ),
    owner: fc.dictionary(fc.constantFrom(...Object.keys(OWNER), "shell", "x"), nastyValue, {
      maxKeys: 2,
    }),
    without: fc.subarray(Object.keys(FIELDS), { maxLength: 1 }),
    owned: fc.boolean(),
  })
  .map(({ fields, owner, without, owned }) => {
    const claim = { ...FIELDS, ...(owned && { owner: { ...OWNER, ...owner } }), ...fields };
    return JSON.stringify(claim, (key, value: unknown) =>
      without.includes(key) ? undefined : value,
    );
  });

const claimText = fc.oneof(
  { weight: 4, arbitrary: almostClaim },
  damaged(almostClaim),
  nastyText,
  nastyValue.map((value) => JSON.stringify(value) ?? ""),
);

/** Everything that reads or settles claims; what is refused is refused by name. */
async function useAll(machine: FakeMachine): Promise<void> {
  const registry = machine.registry({ range: { first: 3000, last: 3002 } });
  JSON.stringify(listClaims(registry));
  JSON.stringify(inspectPort(registry, 3000));
  await refusing(() =>
    findClaim(
      registry,
      { service: "web" },
      { cwd: PROJECT, project: "my-app" },
      { reach: "machine" },
    ),
  );
  await reap(registry, { dryRun: true });
  const request = { services: ["api"], cwd: "/srv", project: "other", prefer: 3000 };
  await refusing(() => acquire(registry, request, machine.callerFor(AGENT)));
  await reap(registry, { grace: 0 });
  await doctor(registry);
}

async function refusing(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError);
  }
}

test("whatever a claim file contains, nothing crashes, and its port is safe if its owner is alive", async () => {
  const seen = { claims: 0, others: 0 };
  await fc.assert(
    fc.asyncProperty(claimText, fc.boolean(), async (text, listening) => {
      const machine = new FakeMachine();
      machine.start({ pid: SERVER, parent: 1 });
      machine.advance(1);
      if (listening) machine.listen(3000, SERVER);
      machine.plant(3000, text);
      const claim = decodeClaim(text, 3000);
      const registry = machine.registry({ range: { first: 3000, last: 3002 } });
      const states = listClaims(registry).claims.map(({ state }) => state);
      const request = { services: ["api"], cwd: "/srv", project: "other", prefer: 3000 };
      const { grants } = await acquire(registry, request, machine.callerFor(AGENT));
      if (typeof claim === "string") {
        seen.others++;
        expect(grants[0]?.claim.port).toBe(3001);
        expect(machine.memory.nodes.get(`${HOME}/.portclaim/claims/3000.json`)?.text).toBe(text);
      } else {
        seen.claims++;
        const isFree = states[0] === "dead" || states[0] === "idle";
        expect(grants[0]?.claim.port).toBe(isFree ? 3000 : 3001);
      }
      await useAll(machine);
    }),
    runs(1500),
  );
  expect(Math.min(seen.claims, seen.others)).toBeGreaterThan(200);
});

test("a rewrite keeps all of a claim except what it changes", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), nastyValue, (unknown, more) => {
      const text = JSON.stringify({ ...unknown, ...FIELDS, more, owner: { ...OWNER, more } });
      fc.pre(typeof decodeClaim(text, 3000) !== "string");
      const after = patchClaim(text, { pid: 7, owner: { start: "9", group: undefined } });
      const { group: _, ...owner } = OWNER;
      const expected = {
        ...unknown,
        ...FIELDS,
        more,
        pid: 7,
        owner: { ...owner, start: "9", more },
      };
      expect(JSON.parse(after)).toEqual(JSON.parse(JSON.stringify(expected)));
    }),
    runs(500),
  );
});

test("whatever names lie among the claims, none hides a claim and none is taken for one", async () => {
  const name = fc.oneof(
    nastyText,
    fc.tuple(nastyText, fc.constantFrom(".json", ".json.tmp", ".tmp")).map(([a, b]) => a + b),
    fc.constantFrom(
      "03000.json",
      "0.json",
      "65536.json",
      "3001.JSON",
      "3001.json.json",
      "+3001.json",
    ),
  );
  const names = fc.array(
    name.filter((one) => !/^$|\/|\0|^\.\.?$/.test(one)),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(names, async (others) => {
      const machine = new FakeMachine();
      machine.plant(3001, JSON.stringify({ ...FIELDS, port: 3001 }));
      const strange = others.filter((one) => !/^[1-9]\d{0,4}\.json$/.test(one));
      for (const one of strange) machine.memory.put(`${HOME}/.portclaim/claims/${one}`, "{}");
      const { claims, unreadable } = listClaims(machine.registry());
      expect([claims.map(({ port }) => port), unreadable]).toEqual([[3001], []]);
      await useAll(machine);
    }),
    runs(300),
  );
});
