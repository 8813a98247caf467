import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, Lease } from "../model/claim.ts";
import { formatAge } from "../model/time.ts";
import type { Caller } from "../owner/caller.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { formatDuration } from "../values/duration.ts";
import { decide, type Outcome, type Policy, reconcile } from "./reconcile.ts";

export interface ReapRequest {
  /** Only report what would be removed. */
  dryRun?: boolean;
  /** Seconds for which a claimed port without a listener stays reserved. Default: from the config. */
  grace?: number;
  /** Seconds after which an ephemeral claim is released, regardless of its state. */
  maxAge?: number;
  /** Only reap claims with this lease. */
  lease?: Lease;
}

/** Reaps dead claims, lets servers adopt theirs, releases idle ephemeral claims and those past `maxAge`. */
export async function reap(
  registry: Registry,
  request: ReapRequest = {},
  caller?: Caller,
): Promise<Outcome[]> {
  const { machine, home, config } = registry;
  const { dryRun = false, grace = config.grace, maxAge, lease } = request;
  const snapshot = new Snapshot(registry, { grace });
  const options = {
    policy: policyFor(snapshot, maxAge),
    concerns: (claim: Claim) => lease === undefined || claim.lease === lease,
  };
  if (dryRun) return decide(new ClaimStore(machine, home).readAll().claims, snapshot, options);
  return await transact(
    registry,
    (transaction) => reconcile(transaction, snapshot, options),
    caller,
  );
}

function policyFor(snapshot: Snapshot, maxAge: number | undefined): Policy {
  return (claim, state) => {
    if (state === "unknown") return { end: false, reason: "its owner can't be seen from here" };
    if (claim.lease === "ephemeral") {
      const age = wallAge(snapshot, claim);
      if (maxAge !== undefined && age > maxAge) {
        return { end: true, reason: `it is ${formatAge(age)} old` };
      }
      if (state === "idle") {
        const idle = formatAge(snapshot.age(claim));
        return { end: true, reason: `nothing has listened on it for ${idle}` };
      }
    } else if (state === "idle") return { end: false, reason: "its lease is persistent" };
    if (state !== "starting") return undefined;
    if (claim.reserved === true) return { end: false, reason: "portclaim env reserved it" };
    const grace = formatDuration(snapshot.grace);
    return { end: false, reason: `nothing listens yet, but it is younger than ${grace}` };
  };
}

/** Seconds by the wall clock, which people expect of `--max-age 1d`. */
function wallAge({ machine }: Snapshot, { claimed_at }: Claim): number {
  return Math.max(0, machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000);
}
