import type { Claim } from "../../registry/model/claim.ts";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { followStory, type Gap, nameOf } from "../story.ts";
import type { Entry } from "./journal.ts";

/** What the history of a run tells. */
export interface Told {
  lines: Record<string, number>;
  violations: string[];
}

/** Compares the history with what the workers were promised and with the claims at the end. */
export function checkHistory(
  events: readonly HistoryEvent[],
  entries: readonly Entry[],
  claims: readonly Claim[],
): Told {
  const claimed = new Map<number, string>();
  const gaps = [...followStory(events, claimed), ...gapsAtTheEnd(claimed, claims)];
  return {
    lines: tally(events),
    violations: [
      ...gaps.map(({ port, what }) => `the history of ${port} leaves out ${what}`),
      ...unanswered(events, entries),
    ],
  };
}

function gapsAtTheEnd(claimed: ReadonlyMap<number, string>, claims: readonly Claim[]): Gap[] {
  const files = new Map(claims.map((claim) => [claim.port, nameOf(claim)]));
  return [...new Set([...claimed.keys(), ...files.keys()])].flatMap((port) => {
    const told = claimed.get(port);
    const real = files.get(port);
    if (told === real) return [];
    const end = told === undefined ? [] : [{ port, what: `the end of ${told}` }];
    return real === undefined ? end : [...end, { port, what: `the claim of ${real}` }];
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
