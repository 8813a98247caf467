import { unless } from "../../native/errno.ts";
import { type Claim, isPort } from "../model/claim.ts";
import type { HistoryEvent } from "../model/event.ts";
import { formatTime } from "../model/time.ts";
import type { Caller } from "../owner/caller.ts";
import { HISTORY_SIZE, type Registry } from "./registry.ts";

/** Which events {@link readHistory} returns. */
export interface HistoryFilter {
  port?: number | undefined;
  service?: string | undefined;
  project?: string | undefined;
  /** Only events from this time on, in the format of `claimed_at`. */
  since?: string | undefined;
  /** Only this many of the newest. */
  limit?: number | undefined;
}

type Store = Pick<Registry, "machine" | "home" | "historySize">;

/** What happened, and why. */
export type Why = Pick<HistoryEvent, "event" | "reason">;

const olderPath = ({ home }: Store) => `${home.history}.1`;

/** An event that happens now, to a claim or to a port without a readable one. */
export function eventNow(
  { machine, by }: Pick<Registry, "machine" | "by">,
  claim: Claim | number,
  { event, reason }: Why,
  caller: Caller | undefined,
): HistoryEvent {
  const at = formatTime(machine.wallClock());
  const who = caller ? `${caller.command} (pid ${caller.owner.pid})` : (by ?? null);
  if (typeof claim === "number") {
    const unknown = { service: null, project: null, cwd: null, agent: null };
    return { at, event, port: claim, ...unknown, by: who, reason };
  }
  const { port, service, project, cwd = null, agent } = claim;
  return { at, event, port, service, project, cwd, agent, by: who, reason };
}

/**
 * Appends events in one write. Never fails: the history may be incomplete, but no change depends on
 * it. Callers hold the lock.
 */
export function appendHistory(store: Store, events: readonly HistoryEvent[]): void {
  const size = append(store, events);
  if (size <= store.historySize) return;
  try {
    store.machine.files.rename(store.home.history, olderPath(store));
  } catch {
    // The file grows until it can be renamed.
  }
}

/** Appends the events that the history doesn't have yet. Never fails, and needs the lock. */
export function appendMissing(store: Store, events: readonly HistoryEvent[]): void {
  if (events.length === 0) return;
  let known: ReadonlySet<string> = new Set();
  try {
    known = new Set(readLines(store));
  } catch {
    // What can't be read can't be appended to, either.
  }
  appendHistory(
    store,
    events.filter((event) => !known.has(JSON.stringify(event))),
  );
}

/** Appends an event without the lock: a denial, or the stop of a server that no claim covered. */
export function appendUnlocked(store: Store, event: HistoryEvent): void {
  append(store, [event]);
}

/** Returns the file's new size; 0 if nothing was written. */
function append({ machine, home, historySize }: Store, events: readonly HistoryEvent[]): number {
  if (events.length === 0 || historySize === 0) return 0;
  try {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    return machine.files.append(home.history, lines.join(""));
  } catch {
    return 0;
  }
}

/**
 * The matching events, oldest first. Skips lines that aren't events. Throws a SystemError if the file
 * can't be read.
 */
export function readHistory(store: Store, filter: HistoryFilter = {}): HistoryEvent[] {
  const { port, service, project, since = "", limit = Infinity } = filter;
  const isMeant = (event: HistoryEvent) =>
    (port === undefined || event.port === port) &&
    (service === undefined || event.service === service) &&
    (project === undefined || event.project === project) &&
    event.at >= since;
  const lines = readLines(store).filter((line) => !isBefore(line, since));
  const events = lines.flatMap(parse).filter(isMeant);
  return events.slice(Math.max(0, events.length - limit));
}

function readLines(store: Store): string[] {
  const { machine, home, historySize } = store;
  // A transaction may exceed the size with its last write. A larger file isn't ours.
  const read = (path: string) =>
    unless(["ENOENT"], () => machine.files.read(path, 2 * Math.max(historySize, HISTORY_SIZE))) ??
    "";
  const newer = read(home.history);
  const older = read(olderPath(store));
  // It was rotated between the two reads.
  const isSame = newer !== "" && older.startsWith(newer);
  return (isSame ? older : older + newer).split("\n");
}

const START = '{"at":"';
const TIME_LENGTH = "2026-03-17T14:32:01.123456Z".length;

/** Whether a line as we write it is older, which is much cheaper to tell than to parse it. */
function isBefore(line: string, since: string): boolean {
  const at = line.slice(START.length, START.length + TIME_LENGTH);
  return at < since && line.lastIndexOf(START) === 0;
}

const EVENTS = " claimed adopted released reaped stopped denied ";

/** The event of a line, or of its end: a full disk may have cut the line before. */
function parse(line: string): HistoryEvent[] {
  for (const text of [line, line.slice(Math.max(0, line.lastIndexOf(START)))]) {
    try {
      const event = eventOf(JSON.parse(text));
      if (event) return [event];
    } catch {
      // Not JSON.
    }
  }
  return [];
}

/** The event that a value from a file is; `undefined` if it isn't one. */
export function eventOf(value: unknown): HistoryEvent | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { at, event, port, ...rest } = value as Record<string, unknown>;
  if (typeof at !== "string" || Number.isNaN(Date.parse(at))) return undefined;
  if (typeof event !== "string" || !EVENTS.includes(` ${event} `)) return undefined;
  if (port !== null && !isPort(port)) return undefined;
  const text = (name: string) => (typeof rest[name] === "string" ? rest[name] : null);
  return {
    at,
    event: event as HistoryEvent["event"],
    port,
    service: text("service"),
    project: text("project"),
    cwd: text("cwd"),
    agent: text("agent"),
    by: text("by"),
    reason: text("reason"),
  };
}
