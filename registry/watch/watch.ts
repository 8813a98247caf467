import type { Machine } from "../../native/machine.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, type ClaimView, formatTime } from "../model/claim.ts";
import { listClaims } from "../query/list.ts";
import type { Unreadable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { ChangeDetector } from "./change-detector.ts";
import { diffClaims, type ClaimEvent } from "./diff.ts";
import { FolderWatcher } from "./folder-watcher.ts";
import { cacheSocketOwners } from "./holder-cache.ts";

export type { ClaimEvent };

/** The registry as one look found it, and what has happened since the look before. */
export interface Look {
  registry: Registry;
  claims: ClaimView[];
  unreadable: Unreadable[];
  /** None at the first look. */
  events: ClaimEvent[];
}

export interface Watching {
  /** Ends the watch. */
  signal?: AbortSignal;
  /** Milliseconds between looks while nothing hints at a change: servers come and go unannounced. */
  poll?: number;
  /** Called when a look failed: the watch goes on. Without it the failure is thrown. */
  onError?: (error: unknown) => void;
}

// A server that comes or goes is to be seen within two seconds.
const POLL = 1700;
/** A change seldom comes alone: milliseconds to wait for its company. */
const GATHER = 20;

/**
 * Looks at the registry again and again, at once where its folder changes. Who is slow to take a
 * look gets the net change with the next, so nothing piles up and nothing is missed.
 * `open` is called for each look, so that the config holds as it stands.
 */
export async function* watchClaims(
  open: () => Promise<Registry>,
  { signal, poll = POLL, onError }: Watching = {},
): AsyncGenerator<Look, void, void> {
  using watcher = new Watcher(open);
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    let look: Look | undefined;
    try {
      look = await watcher.look();
    } catch (error) {
      if (onError === undefined) throw error;
      watcher.startle();
      onError(error);
    }
    if (look) yield look;
    await watcher.wait(poll, signal);
  }
}

class Watcher implements Disposable {
  #hint: FolderWatcher | undefined;
  #machine: Machine | undefined;
  #registry: Registry | undefined;
  readonly #pulse = new ChangeDetector();
  #before: Map<number, ClaimView> | undefined;
  #pause = GATHER;

  constructor(readonly open: () => Promise<Registry>) {}

  /** `undefined` if there is nothing new to see. */
  async look(): Promise<Look | undefined> {
    const started = performance.now();
    const isHinted = this.#hint?.arm();
    const isSteady = this.#registry && this.#pulse.isSteady(this.#registry);
    if (isSteady && !isHinted) return undefined;
    const registry = await this.#open();
    const { claims, unreadable } = listClaims(registry);
    this.#pulse.looked(registry, claims);
    const after = new Map(claims.map((claim) => [claim.port, claim]));
    const events = this.#before ? eventsBetween(registry, this.#before, after, unreadable) : [];
    this.#before = after;
    // However much happens, three quarters of the time are left to others.
    this.#pause = Math.max(GATHER, 3 * (performance.now() - started));
    return { registry, claims, unreadable, events };
  }

  /** Opens the registry as its config stands, on a machine that remembers. */
  async #open(): Promise<Registry> {
    const opened = await this.open();
    this.#machine ??= cacheSocketOwners(opened.machine);
    const registry = { ...opened, machine: this.#machine };
    this.#registry = registry;
    if (this.#hint === undefined) {
      this.#hint = new FolderWatcher(registry.machine, registry.home.claims);
      this.#hint.arm();
      this.#pulse.isSteady(registry);
    }
    return registry;
  }

  startle(): void {
    this.#pulse.invalidate();
  }

  async wait(poll: number, signal?: AbortSignal): Promise<void> {
    if (this.#hint === undefined) return await Bun.sleep(poll);
    const isHinted = await this.#hint.wait(poll, signal);
    if (isHinted) await Bun.sleep(this.#pause);
  }

  [Symbol.dispose](): void {
    this.#hint?.[Symbol.dispose]();
  }
}

function eventsBetween(
  { machine, config }: Registry,
  before: Map<number, ClaimView>,
  after: Map<number, ClaimView>,
  unreadable: Unreadable[],
): ClaimEvent[] {
  const farewell = (claim: Claim) => {
    const problem = unreadable.find(({ port }) => port === claim.port)?.problem;
    if (problem !== undefined) return `its file can't be understood: ${problem}`;
    const ended = new Snapshot(machine, config.grace).processes.liveness(claim) === "dead";
    return ended ? "reaped, as its owner ended" : "released";
  };
  const at = formatTime(machine.wallClock());
  return diffClaims(before, after, farewell).map((change) => ({ ...change, at }));
}
