import type { ClaimView, ListenerView } from "../../registry/model/claim.ts";
import type { UnclaimedListener } from "../../registry/query/unclaimed.ts";

/** A listener for who looks from another machine: without its command and directory. */
function redactListener(listener: ListenerView): ListenerView {
  return { ...listener, command: null, cwd: null };
}

/** A claim for who looks from another machine: without directories, commands and identities. */
export function redactClaim({ cwd: _cwd, owner: _owner, ...claim }: ClaimView): ClaimView {
  return { ...claim, listeners: claim.listeners.map(redactListener) };
}

export function redactUnclaimed({ port, listeners }: UnclaimedListener): UnclaimedListener {
  return { port, listeners: listeners.map(redactListener) };
}
