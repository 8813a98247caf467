import { type Model, NOTHING, withChanges, withPool, withSnapshot } from "./model.ts";
import { connect } from "./shared-connection.ts";
import type { News } from "./source.ts";
import type { Change, Snapshot } from "./wire.ts";

/** Changes seldom come alone: milliseconds in which they are shown together. */
const TOGETHER = 16;

/** Holds what the page shows, and keeps it true. */
export class Store {
  model: Model = NOTHING;
  #waiting: Change[] = [];
  #show: (model: Model) => void = () => {};

  /** Connects, and calls `show` whenever something is different. */
  start(show: (model: Model) => void): void {
    this.#show = show;
    connect(
      (news) => this.#receive(news),
      () => this.#recall(),
    );
  }

  #set(model: Model): void {
    this.model = model;
    this.#show(model);
  }

  #receive(news: News): void {
    if (news.type === "change") {
      if (this.#waiting.push(news.data) === 1) setTimeout(() => this.#flush(), TOGETHER);
      return;
    }
    this.#flush();
    const { model } = this;
    if (news.type === "pool") this.#set(withPool(model, news.data, performance.now()));
    else if (news.type === "snapshot") this.#restart(news.data);
    else if (model.line !== "lost") this.#set({ ...model, line: "lost", lostAt: Date.now() });
  }

  #restart(snapshot: Snapshot): void {
    const { page } = this.model;
    // Another portclaim answers than the one that this page came from.
    if (page !== undefined && page !== snapshot.page) location.reload();
    this.#set(withSnapshot(this.model, snapshot, performance.now()));
  }

  #flush(): void {
    const changes = this.#waiting.splice(0);
    if (changes.length > 0) this.#set(withChanges(this.model, changes, performance.now()));
  }

  /** What this page knows, for another one that was opened beside it. */
  #recall(): Snapshot | undefined {
    this.#flush();
    const { page, mayChange, claims, feed, pool } = this.model;
    if (page === undefined || pool === undefined) return undefined;
    const now = performance.now();
    const aged = [...claims.values()].map(({ claim, seen }) => ({
      ...claim,
      age: claim.age + (now - seen) / 1000,
    }));
    return { page, mayChange, claims: aged, recent: feed.slice(0, 50).toReversed(), pool };
  }
}
