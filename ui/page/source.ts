import type { Change, Pool, Snapshot } from "./wire.ts";

/** What comes over the line. */
export type News =
  | { type: "snapshot"; data: Snapshot }
  | { type: "change"; data: Change }
  | { type: "pool"; data: Pool }
  | { type: "lost" };

/** Milliseconds without a word, pings included, after which the line counts as cut. */
const SILENCE = 35_000;
const FIRST_RETRY = 1000;
const LAST_RETRY = 5000;

/** The line to the server: server-sent events, and a new try whenever they break off. */
export class Source {
  #events: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry = FIRST_RETRY;
  isLost = false;

  constructor(readonly receive: (news: News) => void) {}

  open(): void {
    this.close();
    const events = new EventSource("/api/events");
    this.#events = events;
    this.#expect();
    events.onerror = () => this.#lose();
    events.onmessage = ({ data }) => this.#take({ type: "change", data: JSON.parse(data) });
    for (const type of ["snapshot", "pool"] as const) {
      events.addEventListener(type, ({ data }) => this.#take({ type, data: JSON.parse(data) }));
    }
    events.addEventListener("ping", () => this.#expect());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#events?.close();
    this.#events = undefined;
  }

  /** Tries again at once, if the line is lost. */
  hurry(): void {
    if (this.isLost) this.open();
  }

  #take(news: News): void {
    this.isLost = false;
    this.#retry = FIRST_RETRY;
    this.#expect();
    this.receive(news);
  }

  #expect(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), SILENCE);
  }

  #lose(): void {
    this.close();
    this.isLost = true;
    this.receive({ type: "lost" });
    this.#timer = setTimeout(() => this.open(), this.#retry);
    this.#retry = Math.min(this.#retry * 1.5, LAST_RETRY);
  }
}
