import type { ClaimEvent } from "../../registry/model/event.ts";
import type { Message } from "./event-stream.ts";
import { EMPTY, type Model, withEvents, withPool, withSnapshot } from "./model.ts";
import { connect } from "./shared-connection.ts";
import type { Snapshot } from "./wire.ts";

/** Milliseconds of events that are shown together. */
const BATCH = 16;

/** Holds what the page shows, and keeps it current. */
export class Store {
  model: Model = EMPTY;
  #waiting: ClaimEvent[] = [];
  #show: (model: Model) => void = () => {};

  /** Connects, and calls `show` whenever the model changes. */
  start(show: (model: Model) => void): void {
    this.#show = show;
    connect(
      (message) => this.#receive(message),
      () => this.#recall(),
    );
  }

  #set(model: Model): void {
    this.model = model;
    this.#show(model);
  }

  #receive(message: Message): void {
    if (message.type === "event") {
      if (this.#waiting.push(message.data) === 1) setTimeout(() => this.#flush(), BATCH);
      return;
    }
    this.#flush();
    const { model } = this;
    if (message.type === "pool") this.#set(withPool(model, message.data, performance.now()));
    else if (message.type === "snapshot") this.#restart(message.data);
    else if (model.connection !== "lost") {
      const now = { lostAt: Date.now(), frozenAt: performance.now() };
      this.#set({ ...model, connection: "lost", ...now });
    }
  }

  #restart(snapshot: Snapshot): void {
    const { page } = this.model;
    // The server now serves another version of this page.
    if (page !== undefined && page !== snapshot.page) location.reload();
    this.#set(withSnapshot(this.model, snapshot, performance.now()));
  }

  #flush(): void {
    const events = this.#waiting.splice(0);
    if (events.length > 0) this.#set(withEvents(this.model, events, performance.now()));
  }

  /** What this page knows, for another one that was opened beside it. */
  #recall(): Snapshot | undefined {
    this.#flush();
    const { page, mayChange, identity, claims, events, pool } = this.model;
    if (page === undefined || !pool || !identity) return undefined;
    const now = performance.now();
    const aged = [...claims.values()].map(({ claim, seen }) => ({
      ...claim,
      age: claim.age + (now - seen) / 1000,
    }));
    const history = events.toReversed();
    return { page, mayChange, identity, claims: aged, history, recent: [], pool };
  }
}
