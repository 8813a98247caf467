import { unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { lockHolder } from "../../native/linux/lock-holder.ts";
import { thisMachine } from "../../native/machine.ts";
import type { Home } from "../../registry/config/home.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import { acquireLock } from "../../registry/store/lock.ts";
import { Journal } from "./journal.ts";
import { Random } from "./random.ts";
import { close, listenOn } from "./server.ts";

const PAUSE = 10;
const MAX_FOREIGN = 10;

/** Disturbs the workers: stops holders of the lock, unlinks its file, and listens on ports. */
export class Disturbances {
  readonly #machine = thisMachine((milliseconds) => Bun.sleep(milliseconds));
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #foreign = new Map<string, { port: number; server: Server }>();
  #count = 0;

  constructor(
    readonly home: Home,
    readonly range: { first: number; last: number },
    seed: number,
    journal: string,
  ) {
    this.#random = new Random(seed);
    this.#journal = new Journal(journal);
  }

  /** Continues until the workers are done. */
  async until(done: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    void done.finally(() => over.abort());
    // Each kind once, however soon the workers are done.
    this.#read();
    while (!over.signal.aborted && !(await this.#stopHolder(over.signal)));
    await this.#unlinkLock();
    while (this.#foreign.size === 0) await this.#comeOrGo();
    while (!over.signal.aborted) {
      this.#read();
      const drawn = this.#random.below(100);
      if (drawn < 5) await this.#stopHolder(over.signal);
      else if (drawn < 12) await this.#unlinkLock();
      else if (drawn < 40) await this.#comeOrGo();
      await Bun.sleep(PAUSE * this.#random.next());
    }
    for (const claim of this.#foreign.keys()) await this.#leave(claim);
  }

  /** Who reads without the lock sees whole claims, whenever it looks. */
  #read(): void {
    const { unreadable } = new ClaimStore(this.#machine, this.home).readAll();
    for (const { port, problem } of unreadable.values()) {
      this.#journal.write({ do: "violation", what: `a reader found ${port} broken: ${problem}` });
    }
    this.#journal.write({ do: "read", kind: "claims" });
  }

  /** Stops the next process that holds the lock, for a moment; returns whether there was one. */
  async #stopHolder(over: AbortSignal): Promise<boolean> {
    let holder = lockHolder(this.home.lock);
    for (; holder === undefined && !over.aborted; holder = lockHolder(this.home.lock)) {
      await Bun.sleep(1);
    }
    if (holder === undefined || holder === process.pid) return false;
    try {
      process.kill(holder, "SIGSTOP");
    } catch {
      return false;
    }
    try {
      this.#journal.write({ do: "stop", kind: "lock holder" });
      await Bun.sleep(60 * this.#random.next());
    } finally {
      tryKill(holder, "SIGCONT");
    }
    return true;
  }

  // Under the lock, as all that is changed here. Whoever has just opened it locks a file that is gone.
  async #unlinkLock(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      using _lock = await acquireLock(this.#machine, this.home, { timeout: 60 });
      unlinkSync(this.home.lock);
      this.#journal.write({ do: "unlink", kind: "lock" });
    }
  }

  /** A server without a claim begins to listen, or stops. */
  async #comeOrGo(): Promise<void> {
    const foreign = [...this.#foreign.keys()];
    const leaving = this.#random.pick(foreign);
    if (leaving && (foreign.length >= MAX_FOREIGN || this.#random.chance(0.5))) {
      return await this.#leave(leaving);
    }
    const { first, last } = this.range;
    const port = first + this.#random.below(last - first + 1);
    const host = this.#random.pick(["127.0.0.1", "0.0.0.0", "::1", "::"]) ?? "";
    const server = await listenOn(port, host);
    if (server === undefined) return;
    const claim = `foreign-${this.#count++}`;
    this.#foreign.set(claim, { port, server });
    this.#journal.write({ do: "listening", port, claim });
  }

  async #leave(claim: string): Promise<void> {
    const closing = this.#foreign.get(claim);
    this.#foreign.delete(claim);
    if (closing === undefined) return;
    this.#journal.write({ do: "closing", port: closing.port, claim });
    await close(closing.server);
  }
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
