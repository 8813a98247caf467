import type { ProjectFile, ProjectService } from "../config/project.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { reconcile } from "../maintain/reconcile.ts";
import type { ClaimView } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { viewClaims } from "../query/list.ts";
import { rank } from "../query/scope.ts";
import { ClaimStore, type ClaimTable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { type AcquireRequest, checkRequest } from "./acquire-request.ts";
import { allocate, type Grant } from "./allocation.ts";
import { resolveRequest } from "./request.ts";

/** Who reserves, and from where. */
export type Reserving = Pick<AcquireRequest, "cwd" | "agent" | "session">;

export interface Reserved {
  /** The port of each service of the file. */
  ports: Map<string, number>;
  /** The live claims that were there already. */
  found: ClaimView[];
  /** The claims made now. */
  grants: Grant[];
  undo(): Promise<void>;
}

/**
 * Reserves a port for each of these services of a portclaim.toml that has no live claim in its
 * directory. Writes nothing if all have one. `caller` is only called if a claim has to be made. Throws
 * a RegistryError: "invalid", "range-exhausted", and those of {@link transact}.
 */
export async function reserve(
  registry: Registry,
  file: ProjectFile,
  services: readonly ProjectService[],
  reserving: Reserving,
  findCaller: () => Caller,
): Promise<Reserved> {
  const { machine, home, config } = registry;
  const table = new ClaimStore(machine, home).readAll();
  const found = findLive(new Snapshot(registry), table, services);
  const result = (live: Map<string, ClaimView>, grants: Grant[], undo: Reserved["undo"]) => {
    const claims = [...live.values(), ...grants.map(({ claim }) => claim)];
    const ports = new Map(claims.map(({ service, port }) => [service, port]));
    return { ports, found: [...live.values()], grants, undo };
  };
  if (found.size === services.length) return result(found, [], async () => {});
  checkRequest({ ...reserving, services: services.map(({ name }) => name) });
  const caller = findCaller();
  const snapshot = new Snapshot(registry, { caller });
  return await transact(
    registry,
    (transaction) => {
      reconcile(transaction, snapshot);
      transaction.commit();
      // Another caller may have reserved them in the meantime.
      const live = findLive(snapshot, transaction, services);
      const missing = services.filter(({ name }) => !live.has(name));
      const here = { cwd: reserving.cwd, project: "", checkout: undefined };
      const requests = missing.flatMap(({ name }) =>
        resolveRequest(config, { ...reserving, services: [name], reserve: true }, here, file),
      );
      const grants = allocate(transaction, snapshot, requests, caller);
      return result(live, grants, transaction.undo());
    },
    caller,
  );
}

/** The likeliest live claim of each service in its directory, the same for every caller. */
export function findLive(
  snapshot: Snapshot,
  table: ClaimTable,
  services: readonly ProjectService[],
): Map<string, ClaimView> {
  const views = viewClaims(snapshot, table).filter(isLive);
  const live = services.map(({ name, place }): [string, ClaimView | undefined] => {
    const own = views.filter(
      ({ service, project, cwd }) =>
        service === name && project === place.project && cwd === place.cwd,
    );
    return [name, rank(own, () => false).ranked[0]];
  });
  return new Map(live.filter((pair): pair is [string, ClaimView] => pair[1] !== undefined));
}

/** The next reconcile reaps an orphaned claim on whose port only foreign processes listen. */
function isLive({ state, foreign, listeners }: ClaimView): boolean {
  if (state === "orphaned") return foreign === undefined || foreign.length < listeners.length;
  return state !== "dead";
}
