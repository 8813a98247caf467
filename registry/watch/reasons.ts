import type { Claim } from "../model/claim.ts";
import type { ClaimEvent, HistoryEvent } from "../model/event.ts";
import { formatTime } from "../model/time.ts";
import { readHistory } from "../store/history.ts";
import { pendingEvents } from "../store/pending-events.ts";
import type { Registry } from "../store/registry.ts";
import type { Change } from "./diff.ts";

/** Microseconds by which a line's time may differ from its change's, however long the change had to wait. */
const SLACK = 60e6;

/**
 * Replaces the reasons of changes since a time (microseconds since 1970) by those in the history, or
 * that it is about to get. A change that neither has keeps its reason.
 */
export function explainChanges(
  registry: Registry,
  changes: readonly Change[],
  since: number,
): Change[] {
  if (changes.length === 0 || registry.historySize === 0) return [...changes];
  // Read first: what is no longer pending is in the history.
  const pending = pendingEvents(registry);
  const logged = readIfPossible(registry, formatTime(Math.max(0, since - SLACK)));
  const history = [...logged, ...pending];
  return changes.map((change) => explain(change, findLine(history, change, formatTime(since))));
}

function readIfPossible(registry: Registry, since: string): HistoryEvent[] {
  try {
    return readHistory(registry, { since });
  } catch {
    return [];
  }
}

/** The newest line about a change. */
function findLine(
  history: readonly HistoryEvent[],
  { event, claim }: Change,
  since: string,
): HistoryEvent | undefined {
  const from = event === "changed" ? since : claim.claimed_at;
  const line = history.findLast(
    (one) => one.at >= from && isAbout(one, claim) && kindOf(one) === event,
  );
  // It has been started again since.
  return line?.event === "stopped" && claim.state === "listening" ? undefined : line;
}

const isAbout = (line: HistoryEvent, { port, service, project }: Claim) =>
  line.port === port && line.service === service && line.project === project;

function kindOf({ event, reason }: HistoryEvent): ClaimEvent["event"] | undefined {
  if (event === "released" || event === "reaped") return "released";
  if (event === "claimed" && reason !== "acquired again") return "claimed";
  return event === "adopted" || event === "stopped" ? "changed" : undefined;
}

function explain(change: Change, line: HistoryEvent | undefined): Change {
  if (line === undefined) return change;
  const why = line.reason === null ? "" : `: ${line.reason}`;
  if (line.event === "claimed") return { ...change, reason: `${change.reason}${why}` };
  const by = line.by === null ? "" : ` by ${line.by}`;
  return { ...change, reason: `${line.event}${by}${why}` };
}
