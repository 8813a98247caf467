import { unless } from "../../native/errno.ts";
import type { HistoryEvent } from "../model/event.ts";
import { appendMissing } from "./history.ts";
import type { Registry } from "./registry.ts";

/** A change that is about to be made, and what the history will say about it. */
interface PendingChange {
  port: number;
  /** The text of the port's claim file after the change; `null` if there is no file then. */
  after: string | null;
  events: readonly HistoryEvent[];
}

/** Bytes. A transaction's changes take far fewer. */
const MAX_SIZE = 64 * 1024 * 1024;

/**
 * Notes each change in a file before it is made, so that the next transaction can log the changes of a
 * process that was killed before it could. Never fails: as with the history itself, no change depends
 * on it. Callers hold the lock.
 */
export class PendingEvents {
  private mustClear = false;

  constructor(private readonly registry: Pick<Registry, "machine" | "home" | "historySize">) {}

  note(change: PendingChange): void {
    const { machine, home, historySize } = this.registry;
    if (historySize === 0) return;
    this.mustClear = true;
    try {
      machine.files.append(home.pending, `${JSON.stringify(change)}\n`);
    } catch {
      // The history lacks the change only if this process is now killed as well.
    }
  }

  /** Forgets the changes, once they are logged. */
  clear(): void {
    if (!this.mustClear) return;
    this.mustClear = false;
    const { machine, home } = this.registry;
    try {
      unless(["ENOENT"], () => machine.files.remove(home.pending));
    } catch {
      // The next transaction finds them in the history.
    }
  }

  /**
   * Logs the changes that a killed process made and didn't log. `textOf` returns the present text of a
   * port's claim file, by which a change that was made is told from one that wasn't.
   */
  recover(textOf: (port: number) => string | null | undefined): void {
    const text = this.read();
    if (text === undefined) return;
    const changes = text.split("\n").flatMap(parse);
    const isMade = ({ port }: PendingChange, at: number) =>
      changes.slice(at).some((later) => later.port === port && later.after === textOf(port));
    appendMissing(
      this.registry,
      changes.filter(isMade).flatMap(({ events }) => events),
    );
    this.mustClear = true;
    this.clear();
  }

  private read(): string | undefined {
    const { machine, home } = this.registry;
    try {
      return machine.files.readIfThere(home.pending, MAX_SIZE);
    } catch {
      return undefined;
    }
  }
}

/** The change of a line. A full disk may have cut the last one, whose change is then unknown. */
function parse(line: string): PendingChange[] {
  try {
    return [JSON.parse(line) as PendingChange];
  } catch {
    return [];
  }
}
