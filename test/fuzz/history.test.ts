import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { appendUnlocked, readHistory } from "../../registry/store/history.ts";
import { FakeMachine, HOME } from "../fake-machine.ts";
import { runs } from "../runs.ts";

const PATH = `${HOME}/.portclaim/history.jsonl`;
const text = { service: "web", project: "p", cwd: "/a", agent: null, by: null, reason: null };
const event: HistoryEvent = {
  at: "2026-03-17T14:32:01.123456Z",
  event: "claimed",
  port: 1,
  ...text,
};

const changed = fc
  .record(
    { at: fc.jsonValue(), event: fc.jsonValue(), port: fc.jsonValue(), by: fc.jsonValue() },
    { requiredKeys: [] },
  )
  .map((fields) => JSON.stringify({ ...event, ...fields }));
const cut = fc.nat({ max: 200 }).map((length) => JSON.stringify(event).slice(0, length));
const line = fc.oneof(fc.string(), fc.json(), changed, cut);

test("whatever history.jsonl contains, the next event can be read, and every other one is whole", () => {
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom("", "\n"), (lines, end) => {
      const machine = new FakeMachine();
      const registry = machine.registry();
      machine.memory.put(PATH, lines.join("\n") + end);
      const next = { ...event, port: 65_535 };
      appendUnlocked(registry, next);
      const events = readHistory(registry);
      expect(events.at(-1)).toEqual(next);
      for (const one of events) {
        expect(Object.keys(one)).toEqual(Object.keys(event));
        expect(Date.parse(one.at)).not.toBeNaN();
        expect([null, "string"]).toContain(one.by === null ? null : typeof one.by);
        expect(one.port === null || (one.port > 0 && one.port < 65_536)).toBeTrue();
      }
    }),
    runs(500),
  );
});
