import { unless } from "../../native/errno.ts";
import { isPort } from "../model/claim.ts";
import type { HistoryEvent } from "../model/event.ts";
import { appendMissing, eventOf } from "./history.ts";
import type { Registry } from "./registry.ts";

/** A change that is about to be made, and what the history will say about it. */
interface PendingChange {
  port: number;
  /** The text of the port's claim file after the change; `null` if there is no file then. */
  after: string | null;
  events: readonly HistoryEvent[];
}

/** An empty line follows the changes of each transaction that is logged. */
const LOGGED = "\n";
/** Bytes after which the file starts afresh. */
const FULL = 16 * 1024;
/** Bytes. The changes of one transaction take far fewer. */
const MAX_SIZE = 64 * 1024 * 1024;

/**
 * Notes each change in a file before it is made, so that the next transaction can log the changes of a
 * process that was killed before it could. Never fails: as with the history itself, no change depends
 * on it. Callers hold the lock.
 */
export class PendingEvents {
  private hasChanges = false;

  constructor(private readonly registry: Pick<Registry, "machine" | "home" | "historySize">) {}

  note(change: PendingChange): void {
    if (this.registry.historySize === 0) return;
    this.hasChanges = true;
    this.append(`${JSON.stringify(change)}\n`);
  }

  /** Forgets the changes, once they are logged. */
  clear(): void {
    if (!this.hasChanges) return;
    this.hasChanges = false;
    // startup: creating a file takes 0.1 ms longer than appending to one.
    if (this.append(LOGGED) > FULL) this.remove();
  }

  /**
   * Logs the changes that a killed process made and didn't log. `textOf` returns the present text of a
   * port's claim file, by which a change that was made is told from one that wasn't.
   */
  recover(textOf: (port: number) => string | null | undefined): void {
    const left = unlogged(this.registry);
    if (left === "") return;
    const changes = left.split("\n").flatMap(parse);
    const isMade = ({ port }: PendingChange, at: number) =>
      changes.slice(at).some((later) => later.port === port && later.after === textOf(port));
    appendMissing(
      this.registry,
      changes.filter(isMade).flatMap(({ events }) => events),
    );
    this.remove();
  }

  /** Returns the file's new size; 0 if it can't be written. */
  private append(text: string): number {
    const { machine, home } = this.registry;
    try {
      return machine.files.append(home.pending, text);
    } catch {
      // The history lacks a change only if this process is now killed as well.
      return 0;
    }
  }

  private remove(): void {
    const { machine, home } = this.registry;
    try {
      unless(["ENOENT"], () => machine.files.remove(home.pending));
    } catch {
      // The next transaction finds its changes in the history.
    }
  }
}

/** What the history will say about the changes that aren't logged yet. Needs no lock. */
export function pendingEvents(registry: Pick<Registry, "machine" | "home">): HistoryEvent[] {
  return unlogged(registry)
    .split("\n")
    .flatMap(parse)
    .flatMap(({ events }) => events);
}

/** The lines about changes that aren't logged yet; "" if the file can't be read. */
function unlogged({ machine, home }: Pick<Registry, "machine" | "home">): string {
  try {
    const text = machine.files.readIfThere(home.pending, MAX_SIZE) ?? "";
    const end = text.lastIndexOf(`\n${LOGGED}`);
    return end < 0 ? text : text.slice(end + 2);
  } catch {
    return "";
  }
}

/** The change of a line. A full disk may have cut the last one, whose change is then unknown. */
function parse(line: string): PendingChange[] {
  try {
    const { port, after, events } = JSON.parse(line) as Record<string, unknown>;
    if (!isPort(port) || (after !== null && typeof after !== "string")) return [];
    if (!Array.isArray(events)) return [];
    return [{ port, after, events: events.flatMap((event) => eventOf(event) ?? []) }];
  } catch {
    return [];
  }
}
