import { type FSWatcher, watch } from "node:fs";
import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";

/**
 * Tells when something changes in a folder, which need not be there yet. It is a hint and no more:
 * it may come twice, for nothing, or not at all, so who waits for it looks now and then anyway.
 */
export class FolderWatcher implements Disposable {
  #watcher: FSWatcher | undefined;
  #seen: string | undefined;
  #hinted = false;
  #wake = () => {};

  constructor(
    readonly machine: Machine,
    readonly path: string,
  ) {}

  /**
   * Listens to the folder as it is now: call this before each look at what it holds. Tells whether
   * it may have changed since the last call.
   */
  arm(): boolean {
    const now = this.#fingerprint();
    // What changed without a word was changed in a folder made anew: the old watch is deaf.
    const isDeaf = this.#watcher === undefined || (now !== this.#seen && !this.#hinted);
    const isHinted = this.#hinted || now !== this.#seen;
    this.#hinted = false;
    this.#seen = now;
    if (!isDeaf) return isHinted;
    this.#stop();
    if (now !== undefined) this.#start();
    return isHinted;
  }

  /** Waits until something changes, at most so many milliseconds; tells whether it did. */
  async wait(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (!this.#hinted && !signal?.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = resolve;
      signal?.addEventListener("abort", this.#wake);
      await promise;
      signal?.removeEventListener("abort", this.#wake);
      clearTimeout(timer);
    }
    return this.#hinted;
  }

  #fingerprint(): string | undefined {
    const stat = unless(["ENOENT", "EACCES", "ENOTDIR"], () => this.machine.files.stat(this.path));
    return stat && `${stat.id}:${stat.mtime}`;
  }

  #start(): void {
    try {
      this.#watcher = watch(this.path, { persistent: false }, () => this.#hint());
      this.#watcher.on("error", () => this.#stop());
    } catch {
      // The system has no watch left for us: looking now and then is all there is.
    }
  }

  #hint(): void {
    this.#hinted = true;
    this.#wake();
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
