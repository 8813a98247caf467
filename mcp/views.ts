import { Snapshot } from "../registry/liveness/snapshot.ts";
import type { Claim, ClaimView, ListenerView } from "../registry/model/claim.ts";
import { viewClaim } from "../registry/query/list.ts";
import type { Registry } from "../registry/store/registry.ts";

/** A claim as an agent is told of it: without what pins its owner, and without what isn't known. */
export interface BriefClaim {
  port: number;
  state: string;
  service: string;
  project: string;
  agent?: string;
  pid: number;
  command?: string;
  cwd?: string;
  lease: string;
  claimed_at: string;
  age: number;
  listeners: { pid?: number; command?: string; cwd?: string; addresses: string[] }[];
}

// Many clients can't take a schema that lets a value be null: what isn't there is left out.
export function brief(view: ClaimView): BriefClaim {
  const { port, state, service, project, agent, pid, owner, cwd, lease, claimed_at, age } = view;
  return {
    port,
    state,
    service,
    project,
    ...(agent !== null && { agent }),
    pid,
    ...(owner && { command: owner.command }),
    ...(cwd !== undefined && { cwd }),
    lease,
    claimed_at,
    age,
    listeners: view.listeners.map(briefListener),
  };
}

function briefListener({ pid, command, cwd, addresses }: ListenerView) {
  return {
    ...(pid !== null && { pid }),
    ...(command !== null && { command }),
    ...(cwd !== null && { cwd }),
    addresses,
  };
}

/** A claim that was written a moment ago on a port that was free: nobody need look again. */
export function briefNew(claim: Claim): BriefClaim {
  return brief({ ...claim, state: "starting", age: 0, listeners: [] });
}

/** A claim with what is so now. */
export function lookAt(registry: Registry, claim: Claim): BriefClaim {
  return brief(viewClaim(new Snapshot(registry), claim));
}
