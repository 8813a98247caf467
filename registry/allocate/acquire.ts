import { Snapshot } from "../liveness/snapshot.ts";
import { type Outcome, reconcile } from "../maintain/reconcile.ts";
import { validateName, projectName } from "../model/name.ts";
import type { Caller } from "../owner/caller.ts";
import { type Registry, transact } from "../store/registry.ts";
import { takeBack, Allocation, type Written } from "./allocation.ts";
import type { AcquireRequest, Grant } from "./request.ts";

export type { AcquireRequest, Grant };

export interface Acquired {
  grants: Grant[];
  /** What was reaped or handed over on the way. */
  outcomes: Outcome[];
  /** Takes the claims back, if they are still as granted: for a port that nobody got to know. */
  undo(): Promise<void>;
}

/**
 * Claims a port for each service. Throws a RegistryError: "invalid" names, "port-taken" (exact), "range-exhausted",
 * and those of {@link transact}.
 */
export async function acquire(
  registry: Registry,
  request: AcquireRequest,
  caller: Caller,
): Promise<Acquired> {
  const project = validateName("project", request.project ?? projectName(request.cwd));
  for (const service of request.services) validateName("service", service);
  if (request.agent) validateName("agent", request.agent);
  const written: Written[] = [];
  // What it asks at once is not worth holding the lock for.
  const snapshot = new Snapshot(registry.machine, registry.config.grace, caller);
  const result = await transact(registry, (contents) => {
    const outcomes = reconcile(registry, contents, snapshot);
    const turn = new Allocation(registry, request, caller, project, contents, snapshot, written);
    try {
      const grants: Grant[] = [];
      for (let i = 0; i < request.services.length; i++) grants.push(turn.grant(i));
      turn.remember();
      return { outcomes, grants };
    } catch (error) {
      takeBack(registry, written);
      throw error;
    }
  });
  return { ...result, undo: () => undo(registry, written) };
}

async function undo(registry: Registry, written: Written[]): Promise<void> {
  await transact(registry, ({ entries }) => {
    const ours = ({ entry }: Written) => entries.get(entry.claim.port)?.text === entry.text;
    takeBack(registry, written.splice(0).filter(ours));
  });
}
