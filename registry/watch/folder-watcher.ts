import { type FSWatcher, watch } from "node:fs";
import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";

/**
 * Reports changes in a directory, which need not exist yet. Only a hint: a report may come twice,
 * without a change, or not at all, so also poll from time to time.
 */
export class FolderWatcher implements Disposable {
  #watcher: FSWatcher | undefined;
  #seen: string | undefined;
  #changed = false;
  #wake = () => {};

  constructor(
    readonly machine: Machine,
    readonly path: string,
  ) {}

  /**
   * Watches the current directory. Call this before each reading. Returns whether it may have changed
   * since the last call.
   */
  arm(): boolean {
    const now = this.#fingerprint();
    // A change without an event means that the directory was recreated: the watch is on the old one.
    const isStale = this.#watcher === undefined || (now !== this.#seen && !this.#changed);
    const hasChanged = this.#changed || now !== this.#seen;
    this.#changed = false;
    this.#seen = now;
    if (!isStale) return hasChanged;
    this.#stop();
    if (now !== undefined) this.#start();
    return hasChanged;
  }

  /** Waits up to that many milliseconds for a change. Returns whether there was one. */
  async wait(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (!this.#changed && !signal?.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = resolve;
      signal?.addEventListener("abort", this.#wake);
      await promise;
      signal?.removeEventListener("abort", this.#wake);
      clearTimeout(timer);
    }
    return this.#changed;
  }

  #fingerprint(): string | undefined {
    const stat = unless(["ENOENT", "EACCES", "ENOTDIR"], () => this.machine.files.stat(this.path));
    return stat && `${stat.id}:${stat.mtime}`;
  }

  #start(): void {
    try {
      this.#watcher = watch(this.path, { persistent: false }, () => this.#notice());
      this.#watcher.on("error", () => this.#stop());
    } catch {
      // Out of inotify watches: rely on polling.
    }
  }

  #notice(): void {
    this.#changed = true;
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
