/// <reference lib="esnext.disposable" preserve="true" />
import type { Claim, ClaimView, Lease } from "../registry/model/claim.ts";

/** Options of `acquire`. */
export interface AcquireOptions {
  /** Default: the base name of `cwd`. */
  project?: string;
  /** The port to claim if it is free, from 1 to 65535. Default: the config's, else any free port of the pool. */
  prefer?: number;
  /** Fail rather than claim any other port than the preferred one. */
  exact?: boolean;
  /** Default: the config's for this service, else "ephemeral". */
  lease?: Lease;
  /** The agent that the claim is shown with. Default: `$PORTCLAIM_AGENT`, else a detected one, else none. */
  agent?: string;
  /** Return the service's existing claim in this directory or checkout, whatever its owner. */
  reuse?: boolean;
  /** The absolute directory that the port is claimed for. Default: the current one. */
  cwd?: string;
}

/** A claim that `using` or `await using` releases at the end of its scope, unless it was reused. */
export interface HeldClaim extends Claim, Disposable, AsyncDisposable {
  /** Where its server is reached: "http://localhost:3000". */
  url: string;
  /**
   * "again": this process already had the claim. "reserved": `portclaim env` had reserved the port.
   * "reused": it was returned for `reuse`, whatever its owner.
   */
  how: "new" | "again" | "reserved" | "reused";
}

/** Options of `find`. */
export interface FindOptions {
  /** Default: any project; a claim of this directory, then of this checkout, comes first. */
  project?: string;
  /** Only claims of this agent. */
  agent?: string;
  /** The absolute directory to look from. Default: the current one. */
  cwd?: string;
}

/** A claim with its state. */
export interface FoundClaim extends ClaimView {
  /** Where its server is reached; missing if only foreign processes listen on its port. */
  url?: string;
}

/** Which claims `list` returns: those that match every field that is given. */
export interface ListFilter {
  project?: string;
  service?: string;
  agent?: string;
}

/** The claims that `release` removes: of a port, of a service, or of a whole project. */
export type ReleaseTarget = number | { service: string; project?: string } | { project: string };

/** Options of `release`. */
export interface ReleaseOptions {
  /** Release claims of other owners too. */
  force?: boolean;
  /** The absolute directory in which a service is looked up first. Default: the current one. */
  cwd?: string;
}
