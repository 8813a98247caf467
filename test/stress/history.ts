import type { Claim } from "../../registry/model/claim.ts";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { followStory, type Gap, nameOf } from "../story.ts";
import type { Entry } from "./journal.ts";

/** What the history of a run tells. */
export interface Told {
  lines: Record<string, number>;
  /** Changes that it leaves out, each of a call that was killed before it could append its lines. */
  missing: number;
  violations: string[];
}

const seconds = (at: string) => Date.parse(at) / 1000;
/** Date.parse knows milliseconds. */
const ROUNDING = 0.001;

/**
 * Compares the history with what the workers were promised and with the claims at the end. `offset` is
 * that of the wall clock to the journals' clock.
 */
export function checkHistory(
  events: readonly HistoryEvent[],
  entries: readonly Entry[],
  claims: readonly Claim[],
  offset: number,
): Told {
  const claimed = new Map<number, { name: string; at: string }>();
  const gaps = [...followStory(events, claimed), ...gapsAtTheEnd(claimed, claims)];
  const kills = entries.filter((entry) => entry.do === "kill" && entry.since !== undefined);
  const isExplained = ({ after, before }: Gap) =>
    kills.some(
      (kill) =>
        kill.at + offset + ROUNDING >= (after === "" ? 0 : seconds(after)) &&
        (kill as { since: number }).since + offset - ROUNDING <=
          (before === "" ? Infinity : seconds(before)),
    );
  const unexplained = gaps.filter((gap) => !isExplained(gap));
  return {
    lines: tally(events),
    missing: gaps.length,
    violations: [
      ...unexplained.map(({ port, what }) => `the history of ${port} leaves out ${what}`),
      ...unanswered(events, entries),
    ],
  };
}

function gapsAtTheEnd(
  claimed: ReadonlyMap<number, { name: string; at: string }>,
  claims: readonly Claim[],
): Gap[] {
  const files = new Map(claims.map((claim) => [claim.port, nameOf(claim)]));
  const gap = (port: number, what: string): Gap => {
    return { port, what, after: claimed.get(port)?.at ?? "", before: "" };
  };
  return [...new Set([...claimed.keys(), ...files.keys()])].flatMap((port) => {
    const told = claimed.get(port)?.name;
    const real = files.get(port);
    if (told === real) return [];
    const end = told === undefined ? [] : [gap(port, `the end of ${told}`)];
    return real === undefined ? end : [...end, gap(port, `the claim of ${real}`)];
  });
}

/** Answered calls that the history says nothing of: their lines are there before they answer. */
function unanswered(events: readonly HistoryEvent[], entries: readonly Entry[]): string[] {
  const told = new Set(events.map(({ event, port, service }) => `${event} ${port} ${service}`));
  const ends = { promised: ["claimed"], released: ["released", "reaped"], stopped: ["stopped"] };
  return entries.flatMap((entry) => {
    if (!Object.hasOwn(ends, entry.do)) return [];
    const { port, claim } = entry as Extract<Entry, { do: "promised" }>;
    const any = ends[entry.do as keyof typeof ends];
    if (any.some((event) => told.has(`${event} ${port} ${claim}`))) return [];
    return [`the history doesn't tell that ${claim} was ${any.join(" or ")} on ${port}`];
  });
}

function tally(events: readonly HistoryEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event } of events) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}
