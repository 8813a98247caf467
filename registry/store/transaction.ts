import { ensureHome } from "../config/home.ts";
import type { Claim } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
import { ClaimStore, type ClaimTable, type Entry } from "./claims.ts";
import type { ClaimPatch } from "./codec.ts";
import { acquireLock } from "./lock.ts";
import type { Registry } from "./registry.ts";

/** One change of a claim file: what it held before and after; `undefined` for no file. */
interface Change {
  port: number;
  before: Entry | undefined;
  after: Entry | undefined;
}

/** The claims while the lock is held. Each change is written at once and can be undone. */
export class Transaction implements ClaimTable {
  readonly claims: Map<number, Entry>;
  readonly unreadable: ClaimTable["unreadable"];
  readonly others: ClaimTable["others"];
  private readonly store: ClaimStore;
  private changes: Change[] = [];

  /** Use {@link transact}, which holds the lock. */
  constructor(readonly registry: Registry) {
    this.store = new ClaimStore(registry.machine, registry.home);
    const { claims, unreadable, others } = this.store.readAll();
    this.claims = new Map(claims);
    this.unreadable = unreadable;
    this.others = others;
  }

  /** Writes a claim, replacing any other on its port. */
  put(claim: Claim): Entry {
    return this.record(claim.port, this.store.write(claim));
  }

  /** Changes fields of a claim. Keeps everything else in its file. */
  patch(entry: Entry, patch: ClaimPatch): Entry {
    return this.record(entry.claim.port, this.store.patch(entry, patch));
  }

  /** Removes a claim, readable or not. */
  remove(port: number): void {
    this.store.remove(port);
    this.record(port, undefined);
  }

  /** Removes a claim if `isMeant` still accepts it. Returns whether it did. */
  removeIf(port: number, isMeant: (claim: Claim) => boolean): boolean {
    const claim = this.claims.get(port)?.claim;
    if (claim === undefined || !isMeant(claim)) return false;
    this.remove(port);
    return true;
  }

  /** Keeps the changes so far, even if `action` fails later. */
  commit(): void {
    this.changes = [];
  }

  /** Reverts all changes since the last commit, latest first. */
  rollback(): void {
    this.revert(this.changes);
  }

  /** Returns a function that reverts these changes later, in files that are unchanged since. */
  undo(): () => Promise<void> {
    const { changes } = this;
    return async () => {
      const left = changes.splice(0);
      await transact(this.registry, (later) => {
        const isAsLeft = ({ port, after }: Change) => later.claims.get(port)?.text === after?.text;
        later.revert(left.filter(isAsLeft));
      });
    };
  }

  private record(port: number, after: Entry | undefined): Entry {
    this.changes.push({ port, before: this.claims.get(port), after });
    if (after === undefined) this.claims.delete(port);
    else this.claims.set(port, after);
    return after as Entry;
  }

  private revert(changes: readonly Change[]): void {
    for (const { port, before, after } of changes.toReversed()) {
      try {
        if (before) this.store.restore(before);
        else this.store.remove(port);
      } catch {
        // A full disk has no room for the previous text. A replaced idle claim is then lost.
        if (!isRenewal(before, after)) this.store.remove(port);
      }
    }
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
 * "unsafe-home", "network-home").
 */
export async function transact<T>(
  registry: Registry,
  action: (transaction: Transaction) => T,
): Promise<T> {
  const { machine, home } = registry;
  ensureHome(machine, home);
  if (!registry.allowNetwork) refuseNetworkHome(registry);
  const lock = await acquireLock(machine, home, registry.lock);
  // startup: `using` costs every command 0.2 ms.
  try {
    const transaction = new Transaction(registry);
    try {
      return action(transaction);
    } catch (error) {
      transaction.rollback();
      throw error;
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
