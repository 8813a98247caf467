import type { Entry } from "./journal.ts";

/** What all journals together tell. */
export interface Figures {
  /** Operations that were begun, by client and kind. */
  operations: Record<string, number>;
  /** Processes that were killed: calls by client, and owners of claims. */
  kills: Record<string, number>;
  /** Ports that were promised, and the most that were promised at one time. */
  promises: number;
  mostPromised: number;
  /** Times that something began to listen. */
  listeners: number;
  /** Holders of the lock that were stopped for a while. */
  stops: number;
  /** Times that the lock's file was removed. */
  unlinks: number;
  /** How often a reader read the whole registry meanwhile. */
  reads: number;
  violations: string[];
}

type Of<Kind> = Extract<Entry, { do: Kind }>;
type Interval = { port: number; claim: string; since: number; from: number; to: number };

/** Pairs what begins with what ends, by claim; what never ends lasts for ever. */
function intervals(starts: Entry[], ends: Entry[]): Interval[] {
  const over = new Map(ends.map((end) => [keyOf(end), end.at]));
  return starts.map((start) => ({
    port: (start as Of<"listening">).port,
    claim: (start as Of<"listening">).claim,
    since: start.do === "promised" ? start.since : start.at,
    from: start.at,
    to: over.get(keyOf(start)) ?? Infinity,
  }));
}

const keyOf = (entry: Entry) => `${(entry as Of<"ended">).claim} ${(entry as Of<"ended">).port}`;

const of = <Kind extends Entry["do"]>(entries: Entry[], kind: Kind) =>
  entries.filter((entry): entry is Of<Kind> => entry.do === kind);

function tally(entries: { kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** No port may be promised twice at one time, nor while another process listened all along. */
function findOverlaps(promises: Interval[], servers: Interval[]): string[] {
  const found: string[] = [];
  const byPort = Map.groupBy(promises, ({ port }) => port);
  for (const [port, list] of byPort) {
    const sorted = list.toSorted((a, b) => a.from - b.from);
    let last = sorted[0];
    for (const next of sorted.slice(1)) {
      if (last && next.from < last.to) {
        found.push(`${port} was promised to ${next.claim} while ${last.claim} had it`);
      }
      if (last === undefined || next.to > last.to) last = next;
    }
  }
  const serversOf = Map.groupBy(servers, ({ port }) => port);
  for (const { port, claim, since, from } of promises) {
    const there = serversOf.get(port)?.find((one) => one.from < since && one.to > from);
    if (there) found.push(`${port} was promised to ${claim} while ${there.claim} listened`);
  }
  return found;
}

function countMost(promises: Interval[]): number {
  const changes = promises.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.toSorted((a, b) => a.at - b.at)) most = Math.max(most, (now += by));
  return most;
}

export function evaluate(entries: Entry[]): Figures {
  const promises = intervals(of(entries, "promised"), of(entries, "ended"));
  const servers = intervals(of(entries, "listening"), of(entries, "closing"));
  return {
    operations: tally(of(entries, "operation")),
    kills: tally(of(entries, "kill")),
    promises: promises.length,
    mostPromised: countMost(promises),
    listeners: servers.length,
    stops: of(entries, "stop").length,
    unlinks: of(entries, "unlink").length,
    reads: of(entries, "read").length,
    violations: [
      ...of(entries, "violation").map(({ what }) => what),
      ...findOverlaps(promises, servers),
    ],
  };
}
