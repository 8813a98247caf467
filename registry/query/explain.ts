import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { formatAge } from "../model/time.ts";
import type { ClaimTable } from "../store/claims.ts";

/**
 * Why a port is unavailable, phrased to follow "port 3000 is": 'claimed by codex, node (pid 7), for
 * "web" in shop, listening for 3m', "in use by node (pid 4711)".
 */
export function explainPort(
  snapshot: Snapshot,
  { claims, unreadable }: ClaimTable,
  port: number,
): { by: string; claim?: Claim } {
  const claim = claims.get(port)?.claim;
  if (claim) return { by: `${describeClaim(claim)} (${stateOf(snapshot, claim)})`, claim };
  const broken = unreadable.get(port);
  if (broken) return { by: `reserved by an unreadable claim file: ${broken.problem}` };
  return { by: describeListener(snapshot, port) ?? describeProbe(snapshot, port) };
}

/** 'claimed by claude-code, claude (pid 4711), for "web" in my-app' */
export function describeClaim({ agent, owner, pid, service, project }: Claim): string {
  const process = owner ? `${owner.command} (pid ${pid})` : `process ${pid}`;
  const by = agent === null ? process : `${agent}, ${process},`;
  return `claimed by ${by} for "${service}" in ${project}`;
}

function stateOf(snapshot: Snapshot, claim: Claim): string {
  return `${snapshot.state(claim)}, claimed ${formatAge(snapshot.age(claim))} ago`;
}

/** "in use by node (pid 4711)"; `undefined` if nothing listens. */
export function describeListener(snapshot: Snapshot, port: number): string | undefined {
  const [listener] = snapshot.listeners.views(port);
  if (listener === undefined) return undefined;
  const { pid, command, uid } = listener;
  if (pid !== null) return `in use by ${command ?? "a process"} (pid ${pid})`;
  return uid === null ? "in use" : `in use by a process of user ${uid}`;
}

function describeProbe(snapshot: Snapshot, port: number): string {
  const probe = snapshot.machine.probe(port);
  if (probe === "denied") return "privileged: permission denied";
  if (probe === "used") return "bound by a process that doesn't listen";
  return "free again";
}
