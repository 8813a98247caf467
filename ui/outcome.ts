import type { Settlement } from "../registry/settle.ts";
import type { Outcome } from "./page/wire.ts";

/** What became of a claim, as `POST /api/reap` tells it; the same as `reap --json`. */
export function outcomeOf({ action, claim, state, reason, heir }: Settlement): Outcome {
  const { port, service, project, pid } = claim;
  return { port, service, project, pid, state, action, reason, ...(heir && { now: heir.pid }) };
}
