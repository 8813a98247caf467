import { Snapshot } from "../liveness/snapshot.ts";
import { formatAge, type Claim, type Lease } from "../model/claim.ts";
import { formatDuration } from "../model/duration.ts";
import { readClaims } from "../store/claims.ts";
import { type Registry, transact } from "../store/registry.ts";
import { type Policy, type Outcome, reconcile } from "./reconcile.ts";

export interface ReapRequest {
  /** Only say what would go. */
  dryRun?: boolean;
  /** Seconds in which an unbound port is left alone; the config's if left out. */
  grace?: number;
  /** Seconds after which an ephemeral claim goes, whatever its state. */
  maxAge?: number;
  /** Only claims of this lease. */
  lease?: Lease;
}

/** Reaps the dead, hands orphans over, releases idle ephemeral claims and those past `maxAge`. */
export async function reap(registry: Registry, request: ReapRequest = {}): Promise<Outcome[]> {
  const grace = request.grace ?? registry.config.grace;
  const snapshot = new Snapshot(registry.machine, grace);
  const settling = {
    policy: policyOf(snapshot, grace, request.maxAge),
    dryRun: request.dryRun ?? false,
    concerns: (claim: Claim) => request.lease === undefined || claim.lease === request.lease,
  };
  if (request.dryRun) {
    const contents = readClaims(registry.machine, registry.home);
    return reconcile(registry, contents, snapshot, settling);
  }
  return await transact(registry, (contents) => reconcile(registry, contents, snapshot, settling));
}

function policyOf(snapshot: Snapshot, grace: number, maxAge: number | undefined): Policy {
  return (claim, state) => {
    const age = snapshot.age(claim);
    if (state === "unknown") {
      return { end: false, reason: "its owner runs where it can't be seen from here" };
    }
    if (claim.lease === "ephemeral") {
      const old = maxAge !== undefined && wallAge(snapshot, claim) > maxAge;
      if (old) return { end: true, reason: `it is ${formatAge(wallAge(snapshot, claim))} old` };
      if (state === "idle") {
        return { end: true, reason: `nothing has listened on it for ${formatAge(age)}` };
      }
    } else if (state === "idle") return { end: false, reason: "its lease is persistent" };
    if (state !== "starting") return undefined;
    const reason = `nothing listens yet, and it is younger than ${formatDuration(grace)}`;
    return { end: false, reason };
  };
}

/** `--max-age` counts days of people, so it goes by the wall clock. */
function wallAge({ machine }: Snapshot, { claimed_at }: Claim): number {
  return Math.max(0, machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000);
}
