import type { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, formatAge } from "../model/claim.ts";
import type { ClaimTable } from "../store/claims.ts";

/** Who has a port, in words: a claim with its owner, what listens, or why it can't be bound. */
export function explainPort(
  snapshot: Snapshot,
  contents: ClaimTable,
  port: number,
): { by: string; claim?: Claim } {
  const claim = contents.entries.get(port)?.claim;
  if (claim) return { by: `${describeClaim(claim)}, ${explainState(snapshot, claim)}`, claim };
  const unreadable = contents.unreadable.get(port);
  if (unreadable) return { by: `its claim file can't be understood: ${unreadable.problem}` };
  return { by: describeListener(snapshot, port) ?? describeProbe(snapshot, port) };
}

/** 'claimed by claude-code (claude, pid 4711) for "web" of my-app'. */
export function describeClaim({ agent, owner, pid, service, project }: Claim): string {
  const process = owner ? `${owner.command}, pid ${pid}` : `pid ${pid}`;
  const who = agent === null ? process : `${agent} (${process})`;
  return `claimed by ${who} for "${service}" of ${project}`;
}

function explainState(snapshot: Snapshot, claim: Claim): string {
  return `${snapshot.state(claim)}, made ${formatAge(snapshot.age(claim))} ago`;
}

/** 'node (pid 4711) listens on it without a claim'; `undefined` if nobody listens. */
export function describeListener(snapshot: Snapshot, port: number): string | undefined {
  const [listener] = snapshot.listeners.views(port);
  if (listener === undefined) return undefined;
  const { pid, command, uid } = listener;
  if (pid !== null) return `${command ?? "a process"} (pid ${pid}) listens on it without a claim`;
  return `a process${uid === null ? "" : ` of user ${uid}`} listens on it`;
}

function describeProbe(snapshot: Snapshot, port: number): string {
  const probe = snapshot.machine.probe(port);
  if (probe === "denied") return "this user may not bind it";
  if (probe === "used") return "something has bound it without listening";
  return "it became free a moment ago";
}
