import type { Claim } from "../model/claim.ts";
import type { ClaimEvent, HistoryEvent } from "../model/event.ts";
import { formatTime } from "../model/time.ts";
import { readHistory } from "../store/history.ts";
import type { Registry } from "../store/registry.ts";
import type { Change } from "./diff.ts";

/** Milliseconds to wait for a change's line, which is written last, and how often. */
const PAUSE = 40;
const TRIES = 5;
/** Microseconds by which a line's time may differ from its change's, however long the change had to wait. */
const SLACK = 60e6;

/**
 * Replaces the reasons of changes since a time (microseconds since 1970) by those in the history.
 * A change that isn't in the history keeps its reason.
 */
export async function explainChanges(
  registry: Registry,
  changes: readonly Change[],
  since: number,
): Promise<Change[]> {
  if (changes.length === 0 || registry.historySize === 0) return [...changes];
  for (let i = 1; ; i++) {
    const history = readIfPossible(registry, formatTime(Math.max(0, since - SLACK)));
    const found = changes.map((change) => findLine(history, change, formatTime(since)));
    const isComplete = found.every((line, k) => line || changes[k]?.event === "changed");
    if (isComplete || i === TRIES) return changes.map((change, k) => explain(change, found[k]));
    await Bun.sleep(PAUSE);
  }
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
