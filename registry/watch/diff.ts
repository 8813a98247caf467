import type { Claim, ClaimView, State } from "../model/claim.ts";
import type { ClaimEvent } from "../model/event.ts";

/** A change without the time at which it was noticed. */
export type Change = Omit<ClaimEvent, "at">;

/** Why a claim no longer exists. */
export type WhyGone = (claim: Claim) => string;

/** The net changes between two readings of the registry, by port. */
export function diffClaims(
  before: ReadonlyMap<number, ClaimView>,
  after: ReadonlyMap<number, ClaimView>,
  whyGone: WhyGone,
): Change[] {
  const ports = new Set([...before.keys(), ...after.keys()]);
  return [...ports]
    .toSorted((a, b) => a - b)
    .flatMap((port) => changesOf(before.get(port), after.get(port), whyGone));
}

function changesOf(
  was: ClaimView | undefined,
  is: ClaimView | undefined,
  whyGone: WhyGone,
): Change[] {
  if (was === undefined) return is ? [claimed(is)] : [];
  if (is === undefined) return [{ event: "released", reason: whyGone(was), claim: was }];
  if (!isSuccessor(was, is)) {
    return [{ event: "released", reason: "its port was claimed again", claim: was }, claimed(is)];
  }
  const reason = reasonFor(was, is);
  return reason === undefined ? [] : [{ event: "changed", reason, claim: is }];
}

function claimed(claim: ClaimView): Change {
  const reason = claim.agent === null ? "claimed" : `claimed by ${claim.agent}`;
  return { event: "claimed", reason, claim };
}

/** Whether it is the same claim, or the same owner's renewal of it. */
function isSuccessor(was: Claim, is: Claim): boolean {
  if (was.claimed_at === is.claimed_at) return true;
  const same = (["service", "project", "cwd", "pid"] as const).every((key) => was[key] === is[key]);
  return same && was.owner?.start === is.owner?.start;
}

/** What happened to the server, by old and new state. */
const REASONS: Partial<Record<`${State} ${State}`, string>> = {
  "starting idle": "nothing has listened for too long",
  "starting listening": "server started",
  "idle listening": "server started",
  "idle starting": "acquired again",
  "listening starting": "server stopped",
  "listening idle": "server stopped",
  "orphaned dead": "server stopped after its owner exited",
  "orphaned listening": "adopted by its server after its owner exited",
  "dead orphaned": "server started after its owner exited",
};

function reasonFor(was: ClaimView, is: ClaimView): string | undefined {
  if (was.state !== is.state) return REASONS[`${was.state} ${is.state}`] ?? reasonOf(is.state);
  if (was.claimed_at !== is.claimed_at) return "acquired again";
  if (was.pid !== is.pid) return `now owned by process ${is.pid}`;
  if (listenersOf(was) !== listenersOf(is)) return "another process listens";
  if (elsewhereOf(was) !== elsewhereOf(is)) {
    const port = elsewhereOf(is);
    return port === undefined
      ? "server stopped on another port"
      : `server listens on ${port} instead`;
  }
  return factsOf(was) === factsOf(is) ? undefined : "its file was changed";
}

function reasonOf(state: State): string {
  if (state === "orphaned") return "its owner exited, but its server keeps running";
  if (state === "dead") return "its owner exited";
  if (state === "unknown") return "its owner can't be seen from here";
  return `now ${state}`;
}

// Commands are left out: a program may rewrite its title at any time.
function listenersOf({ listeners }: ClaimView): string {
  return JSON.stringify(listeners.map(({ pid, addresses }) => [pid, addresses]));
}

const elsewhereOf = ({ elsewhere: [first] = [] }: ClaimView) => first?.port;

/** The contents of its file. */
function factsOf(view: ClaimView): string {
  const {
    age: _age,
    listeners: _listeners,
    foreign: _foreign,
    elsewhere: _elsewhere,
    ...facts
  } = view;
  return JSON.stringify(facts);
}
