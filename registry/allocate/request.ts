import type { Claim, Lease } from "../model/claim.ts";

/** What an acquire asks for. */
export interface AcquireRequest {
  /** One claim each, all or none. */
  services: readonly string[];
  /** The base name of `cwd` if left out. */
  project?: string;
  /** The absolute directory on whose behalf it asks. */
  cwd: string;
  /** The port that the first service prefers. */
  prefer?: number;
  /** Refuse any port but the preferred ones. */
  exact?: boolean;
  lease?: Lease;
  agent?: string | null;
  /** Return an existing claim of that service, project and directory, whoever owns it. */
  reuse?: boolean;
}

/** One claim that an acquire returns. */
export interface Grant {
  claim: Claim;
  /** "again": the caller had it before; "reused": somebody has it and `reuse` was asked. */
  how: "new" | "again" | "reused";
  /** The port that was preferred and could not be had, and who has it. */
  missed?: { port: number; by: string };
  /** The idle claim of somebody else that it took the place of. */
  takenFrom?: Claim;
}
