import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import type { Claim, Owner } from "../../registry/model/claim.ts";
import { encodeClaim, decodeClaim, patchClaim } from "../../registry/store/codec.ts";
import { glancer, nameLines } from "../../registry/store/glance.ts";
import { chance } from "../chance.ts";
import { damaged, nastyText } from "./corpus.ts";

setDefaultTimeout(60_000);

const glance = glancer();
const PORT = 3000;

const nullable = (text: string) => fc.constantFrom(text, `${text}2`, null);
const plain = fc.constantFrom("web", "api", "my app", "caf\u00e9", "a/b", "\u2028");
const pid = fc.integer({ min: 1, max: 999_999_999 });

/** Owners as `acquire`, `run` and a handover leave them. */
const owner = fc
  .record({
    command: plain,
    start: nullable("2323918"),
    host: nullable("3d1219c7c4c5404a"),
    boot: nullable("7e651d4c-b9f7"),
    pidns: nullable("4026531836"),
    netns: nullable("4026531833"),
    group: fc.option(pid, { nil: undefined }),
    throwaway: fc.constantFrom(true, undefined),
    shell: fc.option(fc.record({ pid, start: fc.constant("17") }), { nil: undefined }),
    at: fc.constantFrom("0.000000", "23239.202949"),
    asked: fc.nat(),
  })
  .map((one) => JSON.parse(JSON.stringify(one)) as Owner);

const claim: fc.Arbitrary<Claim> = fc.record({
  port: fc.constant(PORT),
  pid,
  agent: fc.option(plain),
  project: plain,
  service: plain,
  claimed_at: fc.constantFrom("2026-02-30T23:59:59.999999Z", "2023-11-14T22:13:20.000000Z"),
  lease: fc.constantFrom("ephemeral", "persistent"),
  cwd: plain,
  owner,
});

const written = fc.tuple(claim, fc.boolean()).map(([one, handedOver]) => {
  const text = encodeClaim(one);
  return handedOver ? patchClaim(text, { owner: { serves: true } }) : text;
});

test("what portclaim writes itself is known at a glance, and for what it is", () => {
  fc.assert(
    fc.property(written, (text) => {
      const real = decodeClaim(text, PORT) as Claim;
      const seen = glance(`${PORT}.json`, text);
      expect(seen?.claim).toEqual(real);
      expect([seen?.port, seen?.text, seen?.pid]).toEqual([PORT, text, String(real.pid)]);
      expect(seen?.name).toBe(nameLines(real.project, real.service));
    }),
    chance(1000),
  );
});

test("whatever else a file holds, a glance never takes for a claim what a check would refuse", () => {
  const almost = fc
    .tuple(written, nastyText, fc.constantFrom("web", "ephemeral", "2026", "true", "3000", "17"))
    .map(([text, other, word]) => text.replace(word, () => other));
  const digits = fc
    .tuple(
      written,
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom("0", "9", "00", "", "-", ".", "e1"),
    )
    .map(([text, at, insert]) => {
      let i = 0;
      return text.replace(/\d/g, (digit) => (i++ === at ? insert : digit));
    });
  const seen = { taken: 0, left: 0 };
  fc.assert(
    fc.property(fc.oneof(damaged(written), damaged(damaged(written)), almost, digits), (text) => {
      const found = glance(`${PORT}.json`, text);
      seen[found ? "taken" : "left"]++;
      if (found) expect(decodeClaim(text, PORT)).toEqual(found.claim);
    }),
    chance(6000),
  );
  expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(300);
});

test("claims have the same owner at a glance if, and only if, the same processes decide of them", () => {
  const decides = ({ owner: one }: Claim) =>
    JSON.stringify([one?.start, one?.host, one?.boot, one?.pidns, one?.netns]);
  // Owners that are alike in all but one of these, or in all of them.
  const pinned = ["start", "host", "boot", "pidns", "netns"] as const;
  const pairs = fc
    .tuple(claim, claim, fc.constantFrom(...pinned, undefined))
    .map(([a, b, differs]) => {
      const same = Object.fromEntries(
        pinned.filter((one) => one !== differs).map((one) => [one, a.owner?.[one] ?? null]),
      );
      return [a, { ...b, owner: { ...b.owner, ...same } as Owner }] as const;
    });
  const seen = { alike: 0, unlike: 0 };
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const [left, right] = [a, b].map((one) => glance(`${PORT}.json`, encodeClaim(one))?.owner);
      expect([typeof left, typeof right]).toEqual(["string", "string"]);
      expect(left === right).toBe(decides(a) === decides(b));
      seen[left === right ? "alike" : "unlike"]++;
    }),
    chance(1000),
  );
  expect(Math.min(seen.alike, seen.unlike)).toBeGreaterThan(200);
});

test.each(["03000.json", "3001.json", "3000.JSON", "3000.json.tmp", "3000"])(
  "a file named %p is no claim for port 3000",
  (name) => {
    const [text = ""] = fc.sample(written, { numRuns: 1, seed: 8 });
    expect(glance(name, text)).toBeUndefined();
  },
);
