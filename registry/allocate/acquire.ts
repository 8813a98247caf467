import { locate } from "../config/checkout.ts";
import { tryLoadProjectFile } from "../config/project-file.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Outcome, reconcile } from "../maintain/reconcile.ts";
import type { ClaimView } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { type AcquireRequest, checkRequest } from "./acquire-request.ts";
import { allocate, type Grant } from "./allocation.ts";
import { resolveRequest } from "./request.ts";
import { findRunning, findServer, type Running } from "./reuse.ts";

export interface Acquired {
  grants: Grant[];
  /** The claims that were reaped or adopted first. */
  outcomes: Outcome[];
  /** Servers already running for the same service in the same checkout, apart from the new claims. */
  others: Running[];
  /** With `unlessRunning`: the first service's server, and whether this call runs below its `run`. */
  running?: { claim: ClaimView; isEnclosing: boolean };
  /** What is wrong with the checkout's portclaim.toml. */
  warnings: string[];
  /** Undoes claims that haven't changed since. For when the ports can't be reported to the caller. */
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
  checkRequest(asked);
  const here = locate(registry, asked.cwd);
  const { file, warning } = await tryLoadProjectFile(registry.machine, here.checkout);
  const warnings = warning === undefined ? (file?.warnings ?? []) : [warning];
  const requests = resolveRequest(registry.config, asked, here, file);
  // Created before taking the lock, which nothing that a snapshot reads on creation needs.
  const snapshot = new Snapshot(registry, { caller });
  return await transact(
    registry,
    (transaction) => {
      const outcomes = reconcile(transaction, snapshot);
      transaction.commit();
      const running = asked.unlessRunning && findServer(transaction, snapshot, requests[0]);
      if (running) {
        return { outcomes, grants: [], others: [], warnings, running, undo: transaction.undo() };
      }
      const grants = allocate(transaction, snapshot, requests, caller);
      const granted = new Set(grants.map(({ claim }) => claim.port));
      const others = findRunning(transaction, snapshot, requests, granted);
      return { outcomes, grants, others, warnings, undo: transaction.undo() };
    },
    caller,
  );
}
