import { describe, expect, test } from "bun:test";
import type { Claim } from "../../registry/model/claim.ts";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { checkHistory } from "./history.ts";
import type { Entry } from "./journal.ts";

const START = 1_800_000_000;
/** Seconds of the journals' clock in the format of the history. */
const timeAt = (at: number) => new Date((START + at) * 1000).toISOString();

const line = (at: number, event: HistoryEvent["event"], service: string, reason?: string) => {
  const rest = { project: "p", cwd: null, agent: null, by: null, reason: reason ?? null };
  return { at: timeAt(at), event, port: 3000, service, ...rest };
};
const claim = (service: string) => ({ port: 3000, service, project: "p" }) as Claim;

const check = (events: HistoryEvent[], entries: Entry[] = [], claims: Claim[] = []) =>
  checkHistory(events, entries, claims);

describe("a history of which every line follows from the one before", () => {
  test("has no gap, whatever happens between a claim and its end", () => {
    const told = check(
      [
        line(1, "claimed", "a"),
        line(2, "claimed", "a", "acquired again"),
        line(3, "adopted", "a"),
        line(4, "stopped", "a"),
        line(5, "reaped", "a"),
        line(6, "claimed", "b"),
      ],
      [],
      [claim("b")],
    );
    expect(told).toMatchObject({ violations: [] });
  });
});

describe("a change that a history leaves out", () => {
  test.each([
    ["the end of a in p", [line(1, "claimed", "a"), line(3, "claimed", "b")], [claim("b")]],
    ["the claim of a in p", [line(3, "released", "a")], []],
    ["the claim of a in p", [line(3, "adopted", "a")], [claim("a")]],
    ["the end of a in p", [line(1, "claimed", "a")], []],
    ["the claim of b in p", [], [claim("b")]],
  ])("is a violation: %s", (what, events, claims) => {
    const found = check(events, [], claims).violations;
    expect(found).toEqual([`the history of 3000 leaves out ${what}`]);
  });

  test("is no stop of a server without a claim, which is told without a service", () => {
    const stopped: Entry = { do: "stopped", at: 2, port: 3000, claim: "null" };
    const told = { ...line(2, "stopped", "a"), service: null, project: null };
    expect(check([told], [stopped]).violations).toEqual([]);
    expect(check([line(2, "stopped", "a")], [stopped]).violations).toHaveLength(1);
  });

  test("is a violation if the call that made it has answered", () => {
    const promised: Entry = { do: "promised", since: 1, at: 2, port: 3000, claim: "a" };
    const released: Entry = { do: "released", at: 3, port: 3000, claim: "a" };
    expect(check([], [promised, released]).violations).toEqual([
      "the history doesn't tell that a was claimed on 3000",
      "the history doesn't tell that a was released or reaped on 3000",
    ]);
  });
});
