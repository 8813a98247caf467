import { type News, Source } from "./source.ts";
import type { Snapshot } from "./wire.ts";

/** What the open pages of one browser tell each other. */
type Word = { hello: string } | { news: News; to?: string } | { here: string };

const NAME = "portclaim";
/** Milliseconds in which a page that has the line answers, unless its browser has put it to sleep. */
const PATIENCE = 3000;
const ASK_AGAIN = 2000;

/**
 * Connects this page. A browser allows six lines to a server, so its pages share one: whoever has
 * the lock has the line, and passes on what comes. Where there are no locks, each has its own.
 */
export function connect(receive: (news: News) => void, recall: () => Snapshot | undefined): void {
  if ("locks" in navigator) new SharedLine(receive, recall).join();
  else connectAlone(receive);
}

function connectAlone(receive: (news: News) => void): void {
  const source = new Source(receive);
  source.open();
  onReturn(() => source.hurry());
}

function onReturn(action: () => void): void {
  addEventListener("online", action);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) action();
  });
}

class SharedLine {
  readonly #me = `${performance.timeOrigin} ${Math.random()}`;
  readonly #channel = new BroadcastChannel(NAME);
  readonly #source = new Source((news) => {
    this.receive(news);
    this.#say({ news });
  });
  #isMine = false;
  #isLost = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly receive: (news: News) => void,
    readonly recall: () => Snapshot | undefined,
  ) {}

  join(): void {
    this.#channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data);
    void this.#queue({});
    this.#ask();
    onReturn(() => (this.#isMine ? this.#source.hurry() : this.#ask()));
    setInterval(() => {
      if (this.#isLost && !this.#isMine && !document.hidden) this.#ask();
    }, ASK_AGAIN);
  }

  /** Waits for the lock; one that is stolen is waited for again. */
  async #queue(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(NAME, options, () => {
        this.#isMine = true;
        clearTimeout(this.#patience);
        this.#source.open();
        return new Promise(() => {});
      });
    } catch {
      this.#isMine = false;
      this.#source.close();
      await this.#queue({});
    }
  }

  #say(word: Word): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's
    this.#channel.postMessage(word);
  }

  #ask(): void {
    if (this.#isMine) return;
    this.#say({ hello: this.#me });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      if (!document.hidden) void this.#queue({ steal: true });
    }, PATIENCE);
  }

  #hear(word: Word): void {
    if ("hello" in word) {
      if (this.#isMine) this.#answer(word.hello);
    } else if ("here" in word) {
      if (word.here === this.#me) clearTimeout(this.#patience);
    } else if (word.to === undefined || word.to === this.#me) {
      clearTimeout(this.#patience);
      this.#isLost = word.news.type === "lost";
      this.receive(word.news);
    }
  }

  #answer(to: string): void {
    this.#say({ here: to });
    const data = this.recall();
    if (data) this.#say({ news: { type: "snapshot", data }, to });
    if (!this.#source.isLost) return;
    this.#say({ news: { type: "lost" }, to });
    this.#source.hurry();
  }
}
