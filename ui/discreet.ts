import type { ClaimView, ListenerView } from "../registry/claim.ts";
import type { Stranger } from "../registry/strangers.ts";

/** A listener for who looks from another machine: without its command and directory. */
function discreetListener(listener: ListenerView): ListenerView {
  return { ...listener, command: null, cwd: null };
}

/** A claim for who looks from another machine: without directories, commands and identities. */
export function discreetClaim({ cwd: _cwd, owner: _owner, ...claim }: ClaimView): ClaimView {
  return { ...claim, listeners: claim.listeners.map(discreetListener) };
}

export function discreetStranger({ port, listeners }: Stranger): Stranger {
  return { port, listeners: listeners.map(discreetListener) };
}
