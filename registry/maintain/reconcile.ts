import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, State } from "../model/claim.ts";
import type { Entry } from "../store/claims.ts";
import type { Transaction } from "../store/transaction.ts";
import { type Adoption, adoptionBy, findAdopter } from "./adoption.ts";

/** What happens to a claim, and why. */
export interface Outcome {
  /** "handed-over": a running server adopted the claim of an owner that exited. */
  action: "reaped" | "released" | "handed-over" | "kept";
  claim: Claim;
  state: State;
  reason: string;
  adoption?: Adoption;
}

/** Decides whether to end a claim that isn't dead, and why. `undefined`: no opinion. */
export type Policy = (claim: Claim, state: State) => { end: boolean; reason: string } | undefined;

export interface ReconcileOptions {
  /** Whether a claim may be changed at all. */
  concerns?: (claim: Claim) => boolean;
  policy?: Policy;
}

/**
 * Brings the registry in line with the machine: reaps the claims of owners that have exited, and
 * lets a server that outlived its owner adopt its claim.
 */
export function reconcile(
  transaction: Transaction,
  snapshot: Snapshot,
  options: ReconcileOptions = {},
): Outcome[] {
  const outcomes = decide(transaction.claims, snapshot, options);
  for (const { action, claim, adoption, reason } of outcomes) {
    if (action === "kept") continue;
    const entry = transaction.claims.get(claim.port) as Entry;
    if (adoption) transaction.patch(entry, adoption, { event: "adopted", reason });
    else
      transaction.remove(claim.port, { event: action === "reaped" ? action : "released", reason });
  }
  return outcomes;
}

/** Decides what should happen to each claim, by port, without changing anything. */
export function decide(
  claims: ReadonlyMap<number, Entry>,
  snapshot: Snapshot,
  { concerns, policy }: ReconcileOptions = {},
): Outcome[] {
  // Look up all owners before any listener, so that a server started in between isn't missed.
  const concerned: Claim[] = [];
  for (const { claim } of claims.values()) {
    // If the owner is alive, only a policy can end the claim.
    const isDead = snapshot.processes.liveness(claim) === "dead";
    if ((isDead || policy !== undefined) && concerns?.(claim) !== false) concerned.push(claim);
  }
  const outcomes: Outcome[] = [];
  for (const claim of concerned) {
    const outcome = decideOne(claim, snapshot, policy);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes.toSorted((a, b) => a.claim.port - b.claim.port);
}

function decideOne(
  claim: Claim,
  snapshot: Snapshot,
  policy: Policy | undefined,
): Outcome | undefined {
  const state = snapshot.state(claim);
  const exited = `its owner ${claim.owner?.command ?? "process"} (pid ${claim.pid}) has exited`;
  if (state === "dead") {
    const isTaken = snapshot.listeners.isBound(claim.port);
    const reason = isTaken ? `${exited}, and another process listens on the port` : exited;
    return { action: "reaped", claim, state, reason };
  }
  if (state === "orphaned") {
    const adopter = findAdopter(snapshot, claim);
    if (adopter === "hidden" || adopter === "forwarder") {
      const reason =
        adopter === "hidden"
          ? `${exited}, and the process that listens on the port can't be identified`
          : `${exited}, and a container serves the port`;
      return policy && { action: "kept", claim, state, reason };
    }
    const adoption = adoptionBy(adopter, claim, snapshot);
    const reason = `${exited}, but its server ${adoption.owner.command} (pid ${adopter.pid}) keeps running`;
    return { action: "handed-over", claim, state, reason, adoption };
  }
  const verdict = policy?.(claim, state);
  if (verdict === undefined) return undefined;
  return { action: verdict.end ? "released" : "kept", claim, state, reason: verdict.reason };
}
