import type { ClaimView, ListenerView } from "./claim.ts";
import type { Registry } from "./registry.ts";
import { isCovered } from "./settle.ts";
import { Observer } from "./state.ts";
import { readClaim } from "./store.ts";
import { viewOf } from "./view.ts";

/** Who has a port: the claim, and what really listens. */
export interface Who {
  port: number;
  claim: ClaimView | null;
  /** What is wrong with the port's claim file, if it can't be understood. */
  problem: string | null;
  /** `covered`: the claim answers for it. */
  listeners: (ListenerView & { covered: boolean })[];
}

/** Tells who claims a port and who listens on it. */
export function whoHas(registry: Registry, port: number): Who {
  const { machine, home, config } = registry;
  const observer = new Observer(machine, config.grace);
  const found = readClaim(machine, home, port);
  const claim = found && "claim" in found ? viewOf(observer, found.claim) : null;
  const listeners = observer.sockets.views(port).map((listener) => {
    const process = listener.pid === null ? undefined : observer.census.process(listener.pid);
    const covered = claim !== null && process !== undefined && isCovered(observer, claim, process);
    return { ...listener, covered };
  });
  return { port, claim, problem: found && "problem" in found ? found.problem : null, listeners };
}
