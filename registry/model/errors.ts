import type { Claim } from "./claim.ts";

/** Why the registry refused, with the facts that a hint needs. See hints.ts for what to do about it. */
export type Reason =
  /** A value that can't be used: `what` names the option or field. */
  | { code: "invalid"; what: string }
  /** The one port that was asked for is in use; `claim` is there if it is claimed. */
  | { code: "port-taken"; port: number; by: string; claim?: Claim }
  | { code: "range-exhausted"; ranges: string }
  | { code: "not-found"; what: string; choices?: string[] }
  | { code: "ambiguous"; what: string; choices: string[] }
  | { code: "not-owner"; port: number; claim: Claim }
  /** The claim that was meant has been replaced by another. */
  | { code: "claimed-anew"; port: number }
  | { code: "unreadable-claim"; port: number; problem: string }
  /** The lock was not released in time; `pid` holds it, where that is known. */
  | { code: "locked"; path: string; pid?: number }
  /** No process on the way up from this call outlives it. */
  | { code: "no-owner" }
  | { code: "config"; path: string; line?: number; key?: string }
  | { code: "unsafe-home"; path: string; problem: string }
  | { code: "network-home"; path: string; type: string }
  | { code: "no-home" }
  | { code: "exists"; path: string }
  | { code: "timeout"; seen: string }
  /** The claim on the port doesn't cover the process that listens there. */
  | { code: "not-covered"; port: number }
  /** Stopping the listener would end the process that asked for it. */
  | { code: "ancestor"; port: number }
  | { code: "still-running"; port: number };

export type ErrorCode = Reason["code"];

/** A request that the registry refuses. `message` says what is wrong, lower case, without a period. */
export class RegistryError extends Error {
  override name = "RegistryError";
  constructor(
    message: string,
    readonly reason: Reason,
  ) {
    super(message);
  }
}
