import type { Machine } from "../../native/machine.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import type { ClaimEvent } from "../model/event.ts";
import { formatTime } from "../model/time.ts";
import { listClaims } from "../query/list.ts";
import type { Unreadable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { ChangeDetector } from "./change-detector.ts";
import { type Change, diffClaims } from "./diff.ts";
import { FolderWatcher } from "./folder-watcher.ts";
import { cacheSocketOwners } from "./holder-cache.ts";
import { explainChanges } from "./reasons.ts";

export type { ClaimEvent };

/** The current claims, and the events since the previous update. */
export interface WatchUpdate {
  registry: Registry;
  claims: ClaimView[];
  unreadable: Unreadable[];
  /** Empty in the first update. */
  events: ClaimEvent[];
}

export interface WatchOptions {
  /** Ends the watch. */
  signal?: AbortSignal;
  /** Milliseconds between checks while the directory is quiet: servers start and stop unannounced. */
  interval?: number;
  /** Called when a check fails; the watch continues. If missing, the error is thrown. */
  onError?: (error: unknown) => void;
}

// A server that starts or stops must be reported within two seconds.
const INTERVAL = 1700;
/** Milliseconds to wait after a change, as several often follow each other. */
const DEBOUNCE = 20;

/**
 * Polls the registry, and checks it at once when its directory changes. A slow consumer gets the net
 * change with the next update, so nothing piles up or is missed. Calls `open` for each update, so that
 * config changes apply.
 */
export async function* watchClaims(
  open: () => Promise<Registry>,
  { signal, interval = INTERVAL, onError }: WatchOptions = {},
): AsyncGenerator<WatchUpdate, void, void> {
  using watcher = new Watcher(open);
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    let update: WatchUpdate | undefined;
    try {
      update = await watcher.check();
    } catch (error) {
      if (onError === undefined) throw error;
      watcher.invalidate();
      onError(error);
    }
    if (update) yield update;
    await watcher.wait(interval, signal);
  }
}

class Watcher implements Disposable {
  #folder: FolderWatcher | undefined;
  #machine: Machine | undefined;
  #registry: Registry | undefined;
  readonly #detector = new ChangeDetector();
  #before: Map<number, ClaimView> | undefined;
  /** When the registry was last read, in microseconds since 1970. */
  #readAt = 0;
  #pause = DEBOUNCE;

  constructor(readonly open: () => Promise<Registry>) {}

  /** The update, if anything may have changed. */
  async check(): Promise<WatchUpdate | undefined> {
    const started = performance.now();
    const hasChanged = this.#folder?.arm();
    const isSteady = this.#registry && this.#detector.isSteady(this.#registry);
    if (isSteady && !hasChanged) return undefined;
    const registry = await this.#open();
    const since = this.#readAt;
    this.#readAt = registry.machine.wallClock();
    const { claims, unreadable } = listClaims(registry);
    this.#detector.remember(registry, claims);
    const after = new Map(claims.map((claim) => [claim.port, claim]));
    const changes = this.#before ? changesBetween(registry, this.#before, after, unreadable) : [];
    this.#before = after;
    // Spend at most a quarter of the time on reading, however much happens.
    this.#pause = Math.max(DEBOUNCE, 3 * (performance.now() - started));
    const at = formatTime(this.#readAt);
    const explained = explainChanges(registry, changes, since);
    const events = explained.map((change) => ({ ...change, at }));
    return { registry, claims, unreadable, events };
  }

  /** Opens the registry with its current config, on a machine that remembers the owners of sockets. */
  async #open(): Promise<Registry> {
    const opened = await this.open();
    this.#machine ??= cacheSocketOwners(opened.machine);
    const registry = { ...opened, machine: this.#machine };
    this.#registry = registry;
    if (this.#folder === undefined) {
      this.#folder = new FolderWatcher(registry.machine, registry.home.claims);
      this.#folder.arm();
      this.#detector.isSteady(registry);
    }
    return registry;
  }

  invalidate(): void {
    this.#detector.invalidate();
  }

  async wait(interval: number, signal?: AbortSignal): Promise<void> {
    if (this.#folder === undefined) return await Bun.sleep(interval);
    const hasChanged = await this.#folder.wait(interval, signal);
    if (hasChanged) await Bun.sleep(this.#pause);
  }

  [Symbol.dispose](): void {
    this.#folder?.[Symbol.dispose]();
  }
}

function changesBetween(
  { machine }: Registry,
  before: Map<number, ClaimView>,
  after: Map<number, ClaimView>,
  unreadable: Unreadable[],
): Change[] {
  const whyGone = (claim: Claim) => {
    const problem = unreadable.find(({ port }) => port === claim.port)?.problem;
    if (problem !== undefined) return `its file is unreadable: ${problem}`;
    const exited = new ProcessTable(machine).liveness(claim) === "dead";
    return exited ? "reaped: its owner has exited" : "released";
  };
  return diffClaims(before, after, whyGone);
}
