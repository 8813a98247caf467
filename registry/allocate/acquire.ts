import { Snapshot } from "../liveness/snapshot.ts";
import { type Outcome, reconcile } from "../maintain/reconcile.ts";
import type { Caller } from "../owner/caller.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { allocate, type Grant } from "./allocation.ts";
import { type AcquireRequest, resolveRequest } from "./request.ts";

export interface Acquired {
  grants: Grant[];
  /** What was reaped or adopted on the way. */
  outcomes: Outcome[];
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
  const requests = resolveRequest(registry.config, asked);
  // What the snapshot reads at once needs no lock.
  const snapshot = new Snapshot(registry.machine, registry.config.grace, caller);
  return await transact(registry, (transaction) => {
    const outcomes = reconcile(transaction, snapshot);
    transaction.commit();
    const grants = allocate(transaction, snapshot, requests, caller);
    return { outcomes, grants, undo: transaction.undo() };
  });
}
