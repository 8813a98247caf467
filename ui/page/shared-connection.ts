import { EventStream, type Message } from "./event-stream.ts";
import type { Snapshot } from "./wire.ts";

/** What the open pages of one browser send each other. */
type TabMessage = { hello: string } | { message: Message; to?: string } | { here: string };

const NAME = "portclaim";
/** Milliseconds in which the connected page answers, unless its browser has suspended it. */
const ANSWER_TIMEOUT = 3000;
const ASK_INTERVAL = 2000;

/**
 * Connects this page. Browsers allow six connections to a server, so their pages share one: the page that holds the
 * lock is connected, and passes messages on. Without the Web Locks API each page has its own.
 */
export function connect(
  receive: (message: Message) => void,
  recall: () => Snapshot | undefined,
): void {
  if ("locks" in navigator) new SharedConnection(receive, recall).join();
  else connectDirectly(receive);
}

function connectDirectly(receive: (message: Message) => void): void {
  const stream = new EventStream(receive);
  stream.open();
  onReturn(() => stream.retryNow());
}

function onReturn(action: () => void): void {
  addEventListener("online", action);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) action();
  });
}

class SharedConnection {
  readonly #id = `${performance.timeOrigin} ${Math.random()}`;
  readonly #channel = new BroadcastChannel(NAME);
  readonly #stream = new EventStream((message) => {
    this.receive(message);
    this.#post({ message });
  });
  #isConnected = false;
  #isLost = false;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly receive: (message: Message) => void,
    readonly recall: () => Snapshot | undefined,
  ) {}

  join(): void {
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#handle(data);
    void this.#waitForLock({});
    this.#ask();
    onReturn(() => (this.#isConnected ? this.#stream.retryNow() : this.#ask()));
    setInterval(() => {
      if (this.#isLost && !this.#isConnected && !document.hidden) this.#ask();
    }, ASK_INTERVAL);
  }

  /** Connects once it has the lock, and waits again if another page steals it. */
  async #waitForLock(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(NAME, options, () => {
        this.#isConnected = true;
        clearTimeout(this.#timeout);
        this.#stream.open();
        return new Promise(() => {});
      });
    } catch {
      this.#isConnected = false;
      this.#stream.close();
      await this.#waitForLock({});
    }
  }

  #post(message: TabMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's
    this.#channel.postMessage(message);
  }

  /** Asks the connected page for its snapshot, and steals the lock if it doesn't answer. */
  #ask(): void {
    if (this.#isConnected) return;
    this.#post({ hello: this.#id });
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => {
      if (!document.hidden) void this.#waitForLock({ steal: true });
    }, ANSWER_TIMEOUT);
  }

  #handle(posted: TabMessage): void {
    if ("hello" in posted) {
      if (this.#isConnected) this.#answer(posted.hello);
    } else if ("here" in posted) {
      if (posted.here === this.#id) clearTimeout(this.#timeout);
    } else if (posted.to === undefined || posted.to === this.#id) {
      clearTimeout(this.#timeout);
      this.#isLost = posted.message.type === "lost";
      this.receive(posted.message);
    }
  }

  #answer(to: string): void {
    this.#post({ here: to });
    const data = this.recall();
    if (data) this.#post({ message: { type: "snapshot", data }, to });
    if (!this.#stream.isLost) return;
    this.#post({ message: { type: "lost" }, to });
    this.#stream.retryNow();
  }
}
