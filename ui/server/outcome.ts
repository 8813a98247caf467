import type { Outcome } from "../../registry/maintain/reconcile.ts";
import type { ReapOutcome } from "../page/wire.ts";

/** What became of a claim, as `POST /api/reap` tells it; the same as `reap --json`. */
export function reapOutcome({ action, claim, state, reason, adoption }: Outcome): ReapOutcome {
  const { port, service, project, pid } = claim;
  const now = adoption && { now: adoption.pid };
  return { port, service, project, pid, state, action, reason, ...now };
}
