import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { readHistory } from "../../registry/store/history.ts";
import { transact } from "../../registry/store/transaction.ts";
import { FakeMachine, HOME } from "../fake-machine.ts";
import { runs } from "../runs.ts";

const PATH = `${HOME}/.portclaim/.pending`;
const event = {
  at: "2026-03-17T14:32:01.123456Z",
  event: "released",
  port: 3000,
  service: "web",
  project: "p",
  cwd: "/a",
  agent: null,
  by: null,
  reason: null,
};
/** A change that was made: the port has no claim. */
const change = { port: 3000, after: null, events: [event] };

const values = {
  port: fc.jsonValue(),
  after: fc.jsonValue(),
  events: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
};
const changed = fc
  .record(values, { requiredKeys: [] })
  .map((fields) => JSON.stringify({ ...change, ...fields }));
const cut = fc.nat({ max: 300 }).map((length) => JSON.stringify(change).slice(0, length));
const line = fc.oneof(fc.string(), fc.json(), changed, cut, fc.constant(""));

test("whatever .pending contains, the next change is made, and the history has only events", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.constantFrom("", "\n"), async (lines, end) => {
      const machine = new FakeMachine();
      const registry = machine.registry();
      machine.memory.put(PATH, lines.join("\n") + end);
      await transact(registry, (transaction) =>
        transaction.remove(3001, { event: "released", reason: "x" }),
      );
      const text = machine.memory.read(registry.home.history, 1_000_000);
      expect(readHistory(registry)).toHaveLength(text.split("\n").length - 1);
      expect(readHistory(registry).at(-1)).toMatchObject({ port: 3001, reason: "x" });
    }),
    runs(300),
  );
});
