import type { HostIdentity, Machine } from "../../native/machine.ts";
import type { Claim, Owner } from "../model/claim.ts";
import type { Caller } from "./caller.ts";

/** The `owner` of a new claim by the caller. */
export function ownerRecord(
  machine: Machine,
  identity: HostIdentity,
  caller: Caller,
  session?: string,
): Owner {
  const { owner, shell, group, throwaway } = caller;
  return {
    command: caller.command,
    start: String(owner.start),
    ...identity,
    ...(caller.serves && { serves: true }),
    ...(group !== undefined && { group }),
    ...(throwaway && { throwaway }),
    ...(shell && !throwaway && { shell: { pid: shell.pid, start: String(shell.start) } }),
    ...(caller.mark !== undefined && { mark: caller.mark }),
    ...(session !== undefined && { session }),
    at: machine.monotonic().toFixed(6),
    asked: machine.startClock(),
  };
}

/** Whether the caller's owner owns a claim: the same process on the same machine, not just its pid. */
export function isOwnedBy(claim: Claim, caller: Caller, identity: HostIdentity): boolean {
  if (claim.pid !== caller.owner.pid) return false;
  const { owner } = claim;
  if (owner === undefined) return true;
  return (
    owner.start === String(caller.owner.start) &&
    owner.boot === identity.boot &&
    owner.pidns === identity.pidns
  );
}
