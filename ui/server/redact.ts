import type { ClaimView, ListenerView, UnclaimedListener } from "../../registry/model/claim.ts";
import type { ClaimEvent } from "../../registry/model/event.ts";

/** A listener for visitors from other machines: without its command and directory. */
function redactListener(listener: ListenerView): ListenerView {
  return { ...listener, command: null, cwd: null };
}

/** A claim for visitors from other machines: without directories, commands and the owner's identity. */
export function redactClaim(claim: ClaimView): ClaimView {
  const { cwd: _cwd, root: _root, repository: _repository, owner: _owner, ...shown } = claim;
  const { listeners, foreign, elsewhere } = claim;
  return {
    ...shown,
    listeners: listeners.map(redactListener),
    ...(foreign && { foreign: foreign.map(redactListener) }),
    ...(elsewhere && { elsewhere: elsewhere.map((one) => ({ ...one, command: "" })) }),
  };
}

/** The same for an unclaimed port. */
export function redactUnclaimed({ port, listeners }: UnclaimedListener): UnclaimedListener {
  return { port, listeners: listeners.map(redactListener) };
}

/** An event for visitors from other machines: what happened, without the programs that its reason names. */
export function redactEvent(event: ClaimEvent): ClaimEvent {
  const [what = ""] = event.reason.split(event.event === "claimed" ? ": " : / by |: /);
  return { ...event, reason: what, claim: redactClaim(event.claim) };
}
