import type { Claim } from "../model/claim.ts";

/** Why the registry refused, with the facts that a hint needs. See hints.ts for what to do about it. */
export type Reason =
  /** An invalid value. `what` is the option or field. */
  | { code: "invalid"; what: string }
  /** The requested port is in use. `claim` is set if it is claimed. */
  | { code: "port-taken"; port: number; by: string; claim?: Claim }
  | { code: "range-exhausted"; ranges: string }
  | { code: "not-found"; what: string; choices?: string[] }
  /** Nothing that belongs to the claim listens on the port. */
  | { code: "not-running"; port: number }
  /** Several claims match. `sameDirectory`: only the port tells them apart. */
  | { code: "ambiguous"; what: string; choices: string[]; sameDirectory?: boolean }
  | { code: "not-owner"; port: number; claim: Claim }
  /** The requested claim has been replaced by another. */
  | { code: "claimed-anew"; port: number }
  | { code: "unreadable-claim"; port: number; problem: string }
  /** The lock wasn't released in time. `pid` is its holder, if known. */
  | { code: "locked"; path: string; pid?: number }
  /** No ancestor of this call outlives it. */
  | { code: "no-owner" }
  | { code: "config"; path: string; line?: number; key?: string }
  /** A checkout's portclaim.toml. */
  | { code: "project-file"; path: string; line?: number; key?: string }
  /** The checkout has no portclaim.toml. */
  | { code: "no-project"; path: string }
  | { code: "unsafe-home"; path: string; problem: string }
  | { code: "network-home"; path: string; type: string }
  | { code: "no-home" }
  | { code: "exists"; path: string }
  | { code: "timeout"; seen: string }
  /** The claim on the port doesn't cover the process that listens there. `isHidden`: this user can't see it. */
  | { code: "not-covered"; port: number; isHidden?: boolean }
  /** Stopping the listener would end the process that asked for it. */
  | { code: "ancestor"; port: number; engine?: "docker" | "podman" }
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
