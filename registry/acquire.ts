import type { AcquireRequest, Grant } from "./grant.ts";
import { checkName, projectOf } from "./names.ts";
import type { Caller } from "./owner.ts";
import { type Registry, transact } from "./registry.ts";
import { type Settlement, settle } from "./settle.ts";
import { Observer } from "./state.ts";
import { takeBack, Turn, type Written } from "./turn.ts";

export type { AcquireRequest, Grant };

export interface Acquired {
  grants: Grant[];
  /** What was reaped or handed over on the way. */
  settled: Settlement[];
  /** Takes the claims back, if they are still as granted: for a port that nobody got to know. */
  undo(): Promise<void>;
}

/**
 * Claims a port for each service. Throws a Refusal: "invalid" names, "taken" (exact), "no-port",
 * and those of {@link transact}.
 */
export async function acquire(
  registry: Registry,
  request: AcquireRequest,
  caller: Caller,
): Promise<Acquired> {
  const project = checkName("project", request.project ?? projectOf(request.cwd));
  for (const service of request.services) checkName("service", service);
  if (request.agent) checkName("agent", request.agent);
  const written: Written[] = [];
  // What it asks at once is not worth holding the lock for.
  const observer = new Observer(registry.machine, registry.config.grace, caller);
  const result = await transact(registry, (contents) => {
    const settled = settle(registry, contents, observer);
    const turn = new Turn(registry, request, caller, project, contents, observer, written);
    try {
      const grants: Grant[] = [];
      for (let i = 0; i < request.services.length; i++) grants.push(turn.grant(i));
      turn.remember();
      return { settled, grants };
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
