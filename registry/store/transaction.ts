import { ensureHome } from "../config/home.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Claim } from "../model/claim.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Caller } from "../owner/caller.ts";
import { ClaimStore, type ClaimTable, type Entry, entryOf, patched } from "./claims.ts";
import type { ClaimPatch } from "./codec.ts";
import { appendHistory, eventNow, type Why } from "./history.ts";
import { acquireLock } from "./lock.ts";
import { PendingEvents } from "./pending-events.ts";
import type { Registry } from "./registry.ts";

/** One change of a claim file: what it held before and after; `undefined` for no file. */
interface Change {
  port: number;
  before: Entry | undefined;
  after: Entry | undefined;
  events: HistoryEvent[];
}

const REPLACED = "nothing listened on its port, and another owner claimed it";
const UNDONE = "the call that claimed it failed";
const LOST = "it could not be restored after a failure";

/** The claims while the lock is held. Each change is written at once and can be undone. */
export class Transaction implements ClaimTable {
  readonly claims: Map<number, Entry>;
  readonly unreadable: ClaimTable["unreadable"];
  readonly others: ClaimTable["others"];
  private readonly store: ClaimStore;
  private readonly pending: PendingEvents;
  private changes: Change[] = [];
  /** Events of changes that are kept. */
  private readonly events: HistoryEvent[] = [];

  /** Use {@link transact}, which holds the lock. */
  constructor(
    readonly registry: Registry,
    readonly caller?: Caller | undefined,
  ) {
    this.store = new ClaimStore(registry.machine, registry.home);
    const { claims, unreadable, others } = this.store.readAll();
    this.claims = new Map(claims);
    this.unreadable = unreadable;
    this.others = others;
    this.pending = new PendingEvents(registry);
    this.pending.recover((port) => {
      return this.claims.get(port)?.text ?? (unreadable.has(port) ? undefined : null);
    });
  }

  /** Writes a claim, replacing any other on its port. */
  put(claim: Claim, reason: string | null = null): Entry {
    const before = this.claims.get(claim.port)?.claim;
    return this.write(entryOf(claim), [
      ...(before ? [this.event(before, { event: "released", reason: REPLACED })] : []),
      this.event(claim, { event: "claimed", reason }),
    ]);
  }

  /** Changes fields of a claim. Keeps everything else in its file. */
  patch(entry: Entry, patch: ClaimPatch, why: Why): Entry {
    const after = patched(entry, patch);
    return this.write(after, [this.event(after.claim, why)]);
  }

  /** Removes a claim, readable or not. `take` may move its file elsewhere instead. */
  remove(port: number, why: Why, take = () => this.store.remove(port)): void {
    const before = this.claims.get(port);
    const events = [this.event(before?.claim ?? port, why)];
    this.pending.note({ port, after: null, events });
    take();
    this.changes.push({ port, before, after: undefined, events });
    this.claims.delete(port);
  }

  /** Removes a claim if `isMeant` still accepts it. Returns whether it did. */
  removeIf(port: number, isMeant: (claim: Claim) => boolean, why: Why): boolean {
    const claim = this.claims.get(port)?.claim;
    if (claim === undefined || !isMeant(claim)) return false;
    this.remove(port, why);
    return true;
  }

  /** Adds an event to the history that changes no claim file. */
  note(claim: Claim | number, why: Why): void {
    this.events.push(this.event(claim, why));
  }

  /** Keeps the changes so far, even if `action` fails later. */
  commit(): void {
    for (const { events } of this.changes) this.events.push(...events);
    this.changes = [];
  }

  /** Reverts all changes since the last commit, latest first. */
  rollback(): void {
    const lost = this.revert(this.changes.splice(0));
    for (const claim of lost) this.note(claim, { event: "released", reason: LOST });
  }

  /** Returns a function that reverts these changes later, in files that are unchanged since. */
  undo(): () => Promise<void> {
    const { changes, registry, caller } = this;
    return async () => {
      const left = changes.splice(0);
      const undoIn = (later: Transaction) => {
        const isAsLeft = ({ port, after }: Change) => later.claims.get(port)?.text === after?.text;
        later.undoAll(left.filter(isAsLeft));
      };
      await transact(registry, undoIn, caller);
    };
  }

  private undoAll(changes: readonly Change[]): void {
    const eventsOf = ({ before, after }: Change): HistoryEvent[] => {
      if (isRenewal(before, after)) return [];
      const ended = after && this.event(after.claim, { event: "released", reason: UNDONE });
      const restored = before && this.event(before.claim, { event: "claimed", reason: "restored" });
      return [...(ended ? [ended] : []), ...(restored ? [restored] : [])];
    };
    const undone = changes.toReversed().map((change) => [change, eventsOf(change)] as const);
    for (const [{ port, before }, events] of undone) {
      this.pending.note({ port, after: before?.text ?? null, events });
    }
    const lost = this.revert(changes);
    for (const [{ before }, events] of undone) {
      const isLost = before !== undefined && lost.includes(before.claim);
      this.events.push(...(isLost ? events.filter(({ event }) => event !== "claimed") : events));
    }
  }

  /** Appends what happened to the history. */
  log(): void {
    this.commit();
    appendHistory(this.registry, this.events);
    this.pending.clear();
  }

  private event(claim: Claim | number, why: Why): HistoryEvent {
    return eventNow(this.registry, claim, why, this.caller);
  }

  private write(after: Entry, events: HistoryEvent[]): Entry {
    const { port } = after.claim;
    this.pending.note({ port, after: after.text, events });
    this.store.write(after);
    this.changes.push({ port, before: this.claims.get(port), after, events });
    this.claims.set(port, after);
    return after;
  }

  /** Returns the claims that were there before and could not be restored. */
  private revert(changes: readonly Change[]): Claim[] {
    const lost: Claim[] = [];
    for (const { port, before, after } of changes.toReversed()) {
      try {
        if (before) this.store.write(before);
        else this.store.remove(port);
      } catch {
        // A full disk has no room for the previous text. A replaced idle claim is then lost.
        if (isRenewal(before, after)) continue;
        this.store.remove(port);
        if (before) lost.push(before.claim);
      }
    }
    return lost;
  }
}

/** Whether a claim replaced its owner's own claim for the same service. */
function isRenewal(before: Entry | undefined, after: Entry | undefined): boolean {
  return (["pid", "service", "project"] as const).every(
    (key) => before?.claim[key] === after?.claim[key],
  );
}

/**
 * Makes every change: lock, read, decide, write, unlock. `action` must be synchronous; if it throws,
 * its changes since the last commit are rolled back. Throws a RegistryError ("locked",
 * "unsafe-home", "network-home"). `caller` is for the history.
 */
export async function transact<T>(
  registry: Registry,
  action: (transaction: Transaction) => T,
  caller?: Caller,
): Promise<T> {
  const { machine, home } = registry;
  ensureHome(machine, home);
  if (!registry.allowNetwork) refuseNetworkHome(registry);
  const lock = await acquireLock(machine, home, registry.lock);
  // startup: `using` costs every command 0.2 ms.
  try {
    const transaction = new Transaction(registry, caller);
    try {
      return action(transaction);
    } catch (error) {
      transaction.rollback();
      throw error;
    } finally {
      transaction.log();
    }
  } finally {
    lock[Symbol.dispose]();
  }
}

function refuseNetworkHome({ machine, home: { path } }: Registry): void {
  const type = machine.networkFileSystem(path);
  if (type === undefined) return;
  throw new RegistryError(
    `${path} is on a network file system (${type}), where locks may not work`,
    {
      code: "network-home",
      path,
      type,
    },
  );
}
