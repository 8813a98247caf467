import type { ClaimView } from "./claim.ts";

/** A change to a claim: a line of `watch --json` or a message of `GET /api/events`. */
export interface ClaimEvent {
  event: "claimed" | "changed" | "released";
  /** When it was noticed, in the format of `claimed_at`. */
  at: string;
  /** The reason as text. What follows " by " or a colon may name programs. */
  reason: string;
  /** The current claim, or its last state if it was released. */
  claim: ClaimView;
}

/** A line of the history: one change, and who made it. Names programs, never their arguments. */
export interface HistoryEvent {
  /** In the format of `claimed_at`. */
  at: string;
  /**
   * A claim ends with "released" or "reaped". "stopped": its server was. "denied": the guard refused a
   * command that would have ended a server.
   */
  event: "claimed" | "adopted" | "released" | "reaped" | "stopped" | "denied";
  /** `null`, like service and project, if the event is about a process without a claim. */
  port: number | null;
  service: string | null;
  project: string | null;
  cwd: string | null;
  /** The claim's agent; for a denial, the agent that asked. */
  agent: string | null;
  /** The owner that made the change: "claude (pid 4711)"; `null` if unknown. */
  by: string | null;
  reason: string | null;
}
