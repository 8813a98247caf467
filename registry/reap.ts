import { formatAge, type Claim, type Lease } from "./claim.ts";
import { formatDuration } from "./duration.ts";
import { type Registry, transact } from "./registry.ts";
import { type Policy, type Settlement, settle } from "./settle.ts";
import { Observer } from "./state.ts";
import { readClaims } from "./store.ts";

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
export async function reap(registry: Registry, request: ReapRequest = {}): Promise<Settlement[]> {
  const grace = request.grace ?? registry.config.grace;
  const observer = new Observer(registry.machine, grace);
  const settling = {
    policy: policyOf(observer, grace, request.maxAge),
    dryRun: request.dryRun ?? false,
    concerns: (claim: Claim) => request.lease === undefined || claim.lease === request.lease,
  };
  if (request.dryRun) {
    const contents = readClaims(registry.machine, registry.home);
    return settle(registry, contents, observer, settling);
  }
  return await transact(registry, (contents) => settle(registry, contents, observer, settling));
}

function policyOf(observer: Observer, grace: number, maxAge: number | undefined): Policy {
  return (claim, state) => {
    const age = observer.age(claim);
    if (state === "unknown") {
      return { end: false, reason: "its owner runs where it can't be seen from here" };
    }
    if (claim.lease === "ephemeral") {
      const old = maxAge !== undefined && wallAge(observer, claim) > maxAge;
      if (old) return { end: true, reason: `it is ${formatAge(wallAge(observer, claim))} old` };
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
function wallAge({ machine }: Observer, { claimed_at }: Claim): number {
  return Math.max(0, machine.wallClock() / 1e6 - Date.parse(claimed_at) / 1000);
}
