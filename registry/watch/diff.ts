import type { Claim, ClaimView, State } from "../model/claim.ts";

/** One thing that happened to a claim: a line of `watch --json`, a message of `GET /api/events`. */
export interface ClaimEvent {
  event: "claimed" | "changed" | "released";
  /** When it was seen, as `claimed_at` is written. */
  at: string;
  /** Why, in words; holds no command and no directory. */
  reason: string;
  /** As it is now; of a claim that is gone, as it was last. */
  claim: ClaimView;
}

type Change = Omit<ClaimEvent, "at">;

/** Why a claim that is there no more went. */
export type Farewell = (claim: Claim) => string;

/** What happened between two looks at the registry, by port: the net change, nothing in between. */
export function diffClaims(
  before: ReadonlyMap<number, ClaimView>,
  after: ReadonlyMap<number, ClaimView>,
  farewell: Farewell,
): Change[] {
  const ports = new Set([...before.keys(), ...after.keys()]);
  return [...ports]
    .toSorted((a, b) => a - b)
    .flatMap((port) => changesOf(before.get(port), after.get(port), farewell));
}

function changesOf(
  was: ClaimView | undefined,
  is: ClaimView | undefined,
  farewell: Farewell,
): Change[] {
  if (was === undefined) return is ? [claimed(is)] : [];
  if (is === undefined) return [{ event: "released", reason: farewell(was), claim: was }];
  if (!isSuccessor(was, is)) {
    return [
      { event: "released", reason: "somebody else claimed its port", claim: was },
      claimed(is),
    ];
  }
  const reason = reasonFor(was, is);
  return reason === undefined ? [] : [{ event: "changed", reason, claim: is }];
}

function claimed(claim: ClaimView): Change {
  const reason = claim.agent === null ? "claimed" : `claimed by ${claim.agent}`;
  return { event: "claimed", reason, claim };
}

/** Whether it is the same claim, or the one its owner got by asking for the same again. */
function isSuccessor(was: Claim, is: Claim): boolean {
  if (was.claimed_at === is.claimed_at) return true;
  const same = (["service", "project", "cwd", "pid"] as const).every((key) => was[key] === is[key]);
  return same && was.owner?.start === is.owner?.start;
}

/** What became of the server, by the state before and the state now. */
const STORIES: Partial<Record<`${State} ${State}`, string>> = {
  "starting idle": "nothing has listened on it for too long",
  "starting listening": "a server listens",
  "idle listening": "a server listens",
  "idle starting": "it was asked for again",
  "listening starting": "its server stopped",
  "listening idle": "its server stopped",
  "orphaned dead": "its server stopped, as its owner had",
  "orphaned listening": "it follows its server, whose owner ended",
  "dead orphaned": "a server listens, though its owner ended",
};

function reasonFor(was: ClaimView, is: ClaimView): string | undefined {
  if (was.state !== is.state) return STORIES[`${was.state} ${is.state}`] ?? reasonOf(is.state);
  if (was.claimed_at !== is.claimed_at) return "it was asked for again";
  if (was.pid !== is.pid) return `it belongs to process ${is.pid} now`;
  if (listenersOf(was) !== listenersOf(is)) return "another process listens";
  return factsOf(was) === factsOf(is) ? undefined : "its file was changed";
}

function reasonOf(state: State): string {
  if (state === "orphaned") return "its owner ended, its server goes on";
  if (state === "dead") return "its owner ended";
  if (state === "unknown") return "its owner can't be seen from here";
  return `it is ${state} now`;
}

// Commands are left out: a program may rewrite its title as often as it likes.
function listenersOf({ listeners }: ClaimView): string {
  return JSON.stringify(listeners.map(({ pid, addresses }) => [pid, addresses]));
}

/** What stands in its file. */
function factsOf(view: ClaimView): string {
  return JSON.stringify({ ...view, age: 0, listeners: [] });
}
