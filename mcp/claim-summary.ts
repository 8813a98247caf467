import { Snapshot } from "../registry/liveness/snapshot.ts";
import type { Claim, ClaimView, Elsewhere, ListenerView } from "../registry/model/claim.ts";
import { viewClaim, viewClaims } from "../registry/query/list.ts";
import { ClaimStore } from "../registry/store/claims.ts";
import type { Registry } from "../registry/store/registry.ts";

/** A claim as a model reads it: without the owner's identity, and without fields that aren't known. */
export interface ClaimSummary {
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
  listeners: ListenerSummary[];
  foreign?: ListenerSummary[];
  elsewhere?: Elsewhere[];
}

interface ListenerSummary {
  pid?: number;
  command?: string;
  cwd?: string;
  addresses: string[];
  suspended?: true;
}

// Many clients refuse a schema with nullable values, so unknown fields are left out.
export function summarize(view: ClaimView): ClaimSummary {
  const { port, state, service, project, agent, pid, owner, cwd, lease, claimed_at, age } = view;
  const { listeners, foreign, elsewhere } = view;
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
    listeners: listeners.map(summarizeListener),
    ...(foreign && { foreign: foreign.map(summarizeListener) }),
    ...(elsewhere && { elsewhere }),
  };
}

function summarizeListener(listener: ListenerView): ListenerSummary {
  const { pid, command, cwd, addresses, suspended } = listener;
  return {
    ...(pid !== null && { pid }),
    ...(command !== null && { command }),
    ...(cwd !== null && { cwd }),
    addresses,
    ...(suspended && { suspended }),
  };
}

/** A claim that was just written on a free port: there is nothing to look up. */
export function summarizeNew(claim: Claim): ClaimSummary {
  return summarize({ ...claim, state: "starting", age: 0, listeners: [] });
}

/** A claim with its current state and listeners. */
export function summarizeNow(registry: Registry, claim: Claim): ClaimSummary {
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const snapshot = new Snapshot(registry);
  const view = viewClaims(snapshot, table).find(({ port }) => port === claim.port);
  return summarize(view ?? viewClaim(snapshot, claim));
}
