import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { monotonic } from "../../native/linux/clock.ts";

/** A line of what a process knows for sure, and when; `at` in seconds of CLOCK_MONOTONIC. */
export type Entry =
  /** A port was promised: the call began at `since`, and had answered at `at`. */
  | { do: "promised"; at: number; since: number; port: number; claim: string }
  /** From here on the promise is not relied on: it is about to be given back, or its owner killed. */
  | { do: "ended"; at: number; port: number; claim: string }
  /** A call has ended the claim, or stopped its server, and has answered. */
  | { do: "released" | "stopped"; at: number; port: number; claim: string }
  /** A server listens; `claim` is what it listens for, if for any. */
  | { do: "listening"; at: number; port: number; claim: string }
  | { do: "closing"; at: number; port: number; claim: string }
  /** Something that must not be. */
  | { do: "violation"; at: number; what: string }
  /** An operation that was begun, and one of what it met on the way. */
  | { do: "operation" | "stop" | "unlink" | "read"; at: number; kind: string }
  | { do: "kill"; at: number; kind: string };

type Unstamped<T> = T extends unknown ? Omit<T, "at"> : never;

/** What one process of the run writes down as it happens: a kill of it loses nothing. */
export class Journal implements Disposable {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "a");
  }

  write(entry: Unstamped<Entry>): void {
    writeSync(this.#descriptor, `${JSON.stringify({ ...entry, at: monotonic() })}\n`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

export function readJournal(path: string): Entry[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Entry);
}
