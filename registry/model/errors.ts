import type { Claim } from "./claim.ts";

/** Why the registry refused, with the facts of it: the faces say what to do about it. */
export type Reason =
  | { code: "invalid"; what: string }
  | { code: "taken"; port: number; by: string; claim?: Claim }
  | { code: "no-port"; ranges: string }
  | { code: "not-found"; what: string; choices?: string[] }
  | { code: "ambiguous"; what: string; choices: string[] }
  | { code: "not-yours"; port: number; claim: Claim }
  | { code: "unreadable-claim"; port: number; problem: string }
  | { code: "locked"; path: string; pid?: number }
  | { code: "no-owner" }
  | { code: "config"; path: string; line?: number; key?: string }
  | { code: "unsafe-home"; path: string; problem: string }
  | { code: "network-home"; path: string; type: string }
  | { code: "no-home" }
  | { code: "exists"; path: string }
  | { code: "timeout"; seen: string }
  | { code: "not-covered"; port: number }
  | { code: "ancestor"; port: number }
  | { code: "survived"; port: number };

export type ErrorCode = Reason["code"];

/** Something that the registry won't do. `message` says what is so, without a period. */
export class RegistryError extends Error {
  override name = "Refusal";
  constructor(
    message: string,
    readonly reason: Reason,
  ) {
    super(message);
  }
}
