import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { runs } from "../runs.ts";
import { Scene } from "./scene.ts";
import { steps } from "./steps.ts";

setDefaultTimeout(60_000);

/** What has to have happened for the test to mean anything. */
const HAPPENINGS = [
  "granted new",
  "granted again",
  "granted reused",
  "granted new, taken over",
  "acquire port-taken",
  "acquire range-exhausted",
  "acquire killed",
  "release released",
  "release not-owner",
  "release killed",
  "release unreadable-claim",
  "reap done",
  "reap killed",
  "doctor done",
  "doctor killed",
  "handed over",
  "reaped",
  "recycled pid",
  "rebooted",
];

test("whatever happens, every claim is kept as long as it should be, and no longer", async () => {
  const happened = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 80, size: "max" }), async (commands) => {
      const scene = new Scene();
      await fc.asyncModelRun(() => ({ model: scene, real: scene }), commands);
      for (const happening of scene.happened) happened.add(happening);
    }),
    runs(300),
  );
  expect([...happened]).toEqual(expect.arrayContaining(HAPPENINGS));
});
