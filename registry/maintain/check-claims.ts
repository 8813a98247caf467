import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView, State } from "../model/claim.ts";
import { formatAge } from "../model/time.ts";
import { describeElsewhere } from "../query/elsewhere.ts";
import { viewClaims } from "../query/list.ts";
import { describeSuspended } from "../query/suspended.ts";
import type { ClaimTable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { Transaction } from "../store/transaction.ts";
import { formatDuration } from "../values/duration.ts";
import type { Check } from "./check-home.ts";
import { decide, type Outcome, type Policy, reconcile } from "./reconcile.ts";

/**
 * Reaps, releases idle claims of either lease, and finds servers that listen on another port. If
 * `table` isn't a transaction, only reports what it would do.
 */
export function checkClaims(registry: Registry, table: ClaimTable, grace: number): Check[] {
  const snapshot = new Snapshot(registry, { grace });
  const total = table.claims.size;
  const options = { policy: policyFor(snapshot) };
  const outcomes =
    table instanceof Transaction
      ? reconcile(table, snapshot, options)
      : decide(table.claims, snapshot, options);
  const ended = new Set(
    outcomes.filter(({ action }) => action !== "kept").map(({ claim }) => claim.port),
  );
  const staying = viewClaims(snapshot, table, {}, 0).filter(({ port }) => !ended.has(port));
  const servers = staying.flatMap(checkServer);
  const checks = [...outcomes.map(toCheck), ...servers];
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

/** Reports a server that listens elsewhere, is suspended or shares its port with another one. */
function checkServer(view: ClaimView): Check[] {
  const { port, service, project, foreign = [] } = view;
  const warn = (message: string, hint: string): Check => {
    return {
      check: "server",
      status: "warning",
      port,
      message: `${service} in ${project} ${message}`,
      hint,
    };
  };
  const elsewhere = describeElsewhere(view);
  const checks: Check[] = [];
  if (elsewhere) {
    const hint = `start it on port ${port}, or: portclaim release ${port}`;
    checks.push(warn(elsewhere, hint));
  }
  const suspended = describeSuspended(view);
  if (suspended)
    checks.push(warn(suspended, `continue it with fg, or run: portclaim stop ${port}`));
  for (const { command, pid } of foreign) {
    const how = view.state === "occupied" ? "can't listen" : "shares its port";
    const what = `${command ?? "a process"} (pid ${pid})`;
    checks.push(warn(`${how}: ${what} listens on ${port} too`, `run: portclaim who ${port}`));
  }
  return checks;
}
