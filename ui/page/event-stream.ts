import type { ClaimEvent } from "../../registry/model/event.ts";
import type { Pool, Snapshot } from "./wire.ts";

/** What the server sends, or the loss of its connection. */
export type Message =
  | { type: "snapshot"; data: Snapshot }
  | { type: "event"; data: ClaimEvent }
  | { type: "pool"; data: Pool }
  | { type: "lost" };

/** Milliseconds without any message, pings included, after which the connection counts as lost. */
const SILENCE_TIMEOUT = 35_000;
const FIRST_RETRY = 1000;
const LAST_RETRY = 5000;

/** The server's stream of events, which reconnects whenever it breaks off. */
export class EventStream {
  #events: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry = FIRST_RETRY;
  isLost = false;

  constructor(readonly receive: (message: Message) => void) {}

  open(): void {
    this.close();
    const events = new EventSource("/api/events");
    this.#events = events;
    this.#restartTimer();
    events.onerror = () => this.#lose();
    events.onmessage = ({ data }) => this.#take({ type: "event", data: JSON.parse(data) });
    for (const type of ["snapshot", "pool"] as const) {
      events.addEventListener(type, ({ data }) => this.#take({ type, data: JSON.parse(data) }));
    }
    events.addEventListener("ping", () => this.#restartTimer());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#events?.close();
    this.#events = undefined;
  }

  /** Reconnects at once, if the connection is lost. */
  retryNow(): void {
    if (this.isLost) this.open();
  }

  #take(message: Message): void {
    this.isLost = false;
    this.#retry = FIRST_RETRY;
    this.#restartTimer();
    this.receive(message);
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), SILENCE_TIMEOUT);
  }

  #lose(): void {
    this.close();
    this.isLost = true;
    this.receive({ type: "lost" });
    this.#timer = setTimeout(() => this.open(), this.#retry);
    this.#retry = Math.min(this.#retry * 1.5, LAST_RETRY);
  }
}
