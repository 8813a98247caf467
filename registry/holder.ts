import { type Claim, formatAge } from "./claim.ts";
import type { Observer } from "./state.ts";
import type { Contents } from "./store.ts";

/** Who has a port, in words: a claim with its owner, what listens, or why it can't be bound. */
export function explainHolder(
  observer: Observer,
  contents: Contents,
  port: number,
): { by: string; claim?: Claim } {
  const claim = contents.entries.get(port)?.claim;
  if (claim) return { by: `${describeClaim(claim)}, ${explainState(observer, claim)}`, claim };
  const unreadable = contents.unreadable.get(port);
  if (unreadable) return { by: `its claim file can't be understood: ${unreadable.problem}` };
  return { by: describeListener(observer, port) ?? describeProbe(observer, port) };
}

/** 'claimed by claude-code (claude, pid 4711) for "web" of my-app'. */
export function describeClaim({ agent, owner, pid, service, project }: Claim): string {
  const process = owner ? `${owner.command}, pid ${pid}` : `pid ${pid}`;
  const who = agent === null ? process : `${agent} (${process})`;
  return `claimed by ${who} for "${service}" of ${project}`;
}

function explainState(observer: Observer, claim: Claim): string {
  return `${observer.state(claim)}, made ${formatAge(observer.age(claim))} ago`;
}

/** 'node (pid 4711) listens on it without a claim'; `undefined` if nobody listens. */
export function describeListener(observer: Observer, port: number): string | undefined {
  const [listener] = observer.sockets.views(port);
  if (listener === undefined) return undefined;
  const { pid, command, uid } = listener;
  if (pid !== null) return `${command ?? "a process"} (pid ${pid}) listens on it without a claim`;
  return `a process${uid === null ? "" : ` of user ${uid}`} listens on it`;
}

function describeProbe(observer: Observer, port: number): string {
  const probe = observer.machine.probe(port);
  if (probe === "denied") return "this user may not bind it";
  if (probe === "used") return "something has bound it without listening";
  return "it became free a moment ago";
}
