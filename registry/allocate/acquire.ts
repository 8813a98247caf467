import { locate } from "../config/checkout.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Outcome, reconcile } from "../maintain/reconcile.ts";
import type { Caller } from "../owner/caller.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { allocate, type Grant } from "./allocation.ts";
import { type AcquireRequest, resolveRequest } from "./request.ts";
import { findRunning, type Running } from "./reuse.ts";

export interface Acquired {
  grants: Grant[];
  /** What was reaped or adopted on the way. */
  outcomes: Outcome[];
  /** Servers that run for the same service in the same checkout already, beside the new claims. */
  others: Running[];
  /** Takes the claims back, if they are still as granted: for a port that the caller never got to know. */
  undo(): Promise<void>;
}

/**
 * Claims a port for each service: all of them or none. Throws a RegistryError: "invalid",
 * "port-taken" (exact), "range-exhausted", and those of {@link transact}.
 */
export async function acquire(
  registry: Registry,
  asked: AcquireRequest,
  caller: Caller,
): Promise<Acquired> {
  const here = locate(registry, asked.cwd);
  const requests = resolveRequest(registry.config, asked, here.checkout);
  // What the snapshot reads at once needs no lock.
  const snapshot = new Snapshot(registry, { caller });
  return await transact(registry, (transaction) => {
    const outcomes = reconcile(transaction, snapshot);
    transaction.commit();
    const grants = allocate(transaction, snapshot, requests, caller);
    const granted = new Set(grants.map(({ claim }) => claim.port));
    const others = findRunning(transaction, snapshot, requests, granted);
    return { outcomes, grants, others, undo: transaction.undo() };
  });
}
