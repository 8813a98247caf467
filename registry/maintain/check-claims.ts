import { isCovered } from "../liveness/coverage.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, formatAge, type State } from "../model/claim.ts";
import { formatDuration } from "../model/duration.ts";
import type { ClaimTable, Entry } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { Transaction } from "../store/transaction.ts";
import type { Check } from "./check-home.ts";
import { decide, type Outcome, type Policy, reconcile } from "./reconcile.ts";

/**
 * Reaps, releases idle claims of either lease, and finds servers that listen on another port. Only
 * reports what it would do where `table` is no transaction.
 */
export function checkClaims(registry: Registry, table: ClaimTable, grace: number): Check[] {
  const snapshot = new Snapshot(registry.machine, grace);
  const total = table.claims.size;
  const options = { policy: policyFor(snapshot) };
  const outcomes =
    table instanceof Transaction
      ? reconcile(table, snapshot, options)
      : decide(table.claims, snapshot, options);
  const elsewhere = [...table.claims.values()].flatMap(({ claim }) =>
    checkServer(snapshot, claim, table.claims),
  );
  const checks = [...outcomes.map(toCheck), ...elsewhere];
  if (checks.length > 0) return checks;
  return [{ check: "claim", status: "ok", message: `${total} claims, all up to date` }];
}

function policyFor(snapshot: Snapshot): Policy {
  const { grace } = snapshot;
  return (claim, state) => {
    const age = formatAge(snapshot.age(claim));
    if (state === "idle") return { end: true, reason: `nothing has listened on it for ${age}` };
    if (state === "unknown") return { end: false, reason: "its owner can't be seen from here" };
    if (state !== "starting" || grace === 0) return undefined;
    const why = Number.isFinite(grace)
      ? `it is younger than ${formatDuration(grace)}`
      : "the grace period can't be read from the config";
    return { end: false, reason: `nothing listens yet, but ${why}` };
  };
}

const HINTS: Partial<Record<State, string>> = {
  starting: "to release it now: portclaim doctor --grace 0s",
  unknown: "if you know that it has exited: portclaim release PORT --force",
};

function toCheck({ action, claim, state, reason }: Outcome): Check {
  const what = `${claim.port} (${claim.service} in ${claim.project})`;
  const done = action === "handed-over" ? "adopted" : action;
  const kept = action === "kept";
  const hint = kept ? HINTS[state]?.replace("PORT", String(claim.port)) : undefined;
  return {
    check: "claim",
    status: kept ? (state === "starting" ? "ok" : "warning") : "fixed",
    port: claim.port,
    message: `${what} ${done}: ${reason}`,
    ...(hint && { hint }),
  };
}

/** A server that listens on an unclaimed port instead of the one that was claimed for it. */
function checkServer(
  snapshot: Snapshot,
  claim: Claim,
  claims: ReadonlyMap<number, Entry>,
): Check[] {
  const state = snapshot.state(claim);
  if (state !== "starting" && state !== "idle") return [];
  const { processes, listeners } = snapshot;
  for (const port of listeners.byPort().keys()) {
    if (claims.has(port)) continue;
    const server = listeners
      .pidsOn(port)
      .pids.map((pid) => processes.process(pid))
      .find(
        (process) =>
          process &&
          process.start >= (claim.owner?.asked ?? 0) &&
          isCovered(snapshot, claim, process),
      );
    if (server === undefined) continue;
    const { service, project } = claim;
    const message = `${service} in ${project} listens on ${port}, not on ${claim.port} (${server.name}, pid ${server.pid})`;
    const hint = `start it on the port that it was given, or: portclaim release ${claim.port}`;
    return [{ check: "server", status: "warning", port: claim.port, message, hint }];
  }
  return [];
}
