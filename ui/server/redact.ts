import type { ClaimView, ListenerView, UnclaimedListener } from "../../registry/model/claim.ts";

/** A listener for visitors from other machines: without its command and directory. */
function redactListener(listener: ListenerView): ListenerView {
  return { ...listener, command: null, cwd: null };
}

/** A claim for visitors from other machines: without directories, commands and the owner's identity. */
export function redactClaim({ cwd: _cwd, owner: _owner, ...claim }: ClaimView): ClaimView {
  return { ...claim, listeners: claim.listeners.map(redactListener) };
}

/** The same for an unclaimed port. */
export function redactUnclaimed({ port, listeners }: UnclaimedListener): UnclaimedListener {
  return { port, listeners: listeners.map(redactListener) };
}
