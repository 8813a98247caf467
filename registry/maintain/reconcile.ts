import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, State } from "../model/claim.ts";
import type { Entry } from "../store/claims.ts";
import type { Transaction } from "../store/transaction.ts";
import { type Adoption, adoptionBy, findAdopter } from "./adoption.ts";

/** What becomes of a claim, and why. */
export interface Outcome {
  /** "handed-over": a running server adopts the claim of an owner that exited. */
  action: "reaped" | "released" | "handed-over" | "kept";
  claim: Claim;
  state: State;
  reason: string;
  adoption?: Adoption;
}

/** Decides whether a claim that isn't dead ends: with a reason, or not at all. */
export type Policy = (claim: Claim, state: State) => { end: boolean; reason: string } | undefined;

export interface ReconcileOptions {
  /** Whether a claim may be touched at all. */
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
  for (const { action, claim, adoption } of outcomes) {
    if (action === "kept") continue;
    const entry = transaction.claims.get(claim.port) as Entry;
    if (adoption) transaction.patch(entry, adoption);
    else transaction.remove(claim.port);
  }
  return outcomes;
}

/** What would become of each claim, by port; nothing is changed. */
export function decide(
  claims: ReadonlyMap<number, Entry>,
  snapshot: Snapshot,
  { concerns, policy }: ReconcileOptions = {},
): Outcome[] {
  // All owners are looked up before any listener: a server that came up meanwhile must be seen.
  const concerned: Claim[] = [];
  for (const { claim } of claims.values()) {
    // A living owner's claim needs no closer look, unless there is a policy for it.
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
  const exited = `its owner (${claim.owner?.command ?? "process"}, pid ${claim.pid}) has exited`;
  if (state === "dead") return { action: "reaped", claim, state, reason: exited };
  if (state === "orphaned") {
    const adopter = findAdopter(snapshot, claim);
    if (adopter === "hidden") {
      const reason = `${exited}, and the process that listens on the port can't be identified`;
      return policy && { action: "kept", claim, state, reason };
    }
    if (adopter === undefined) {
      const reason = `${exited}, and another process listens on the port`;
      return { action: "reaped", claim, state, reason };
    }
    const adoption = adoptionBy(adopter, claim, snapshot);
    const reason = `${exited}, its server (${adoption.owner.command}, pid ${adopter.pid}) keeps running`;
    return { action: "handed-over", claim, state, reason, adoption };
  }
  const verdict = policy?.(claim, state);
  if (verdict === undefined) return undefined;
  return { action: verdict.end ? "released" : "kept", claim, state, reason: verdict.reason };
}
