import type { Process } from "../../native/machine.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim } from "../model/claim.ts";
import { commandName } from "../owner/command-name.ts";
import type { ClaimPatch } from "../store/codec.ts";

/** The changes to a claim that a running server adopts. */
export type Adoption = ClaimPatch & { pid: number; owner: { command: string } };

/**
 * The process that adopts an orphaned claim: the topmost ancestor of the oldest covered listener within
 * its process group (nodemon, not its child). "hidden" if the listener can't be identified, "forwarder"
 * if it only forwards a container's port.
 */
export function findAdopter(snapshot: Snapshot, claim: Claim): Process | "hidden" | "forwarder" {
  const { processes, listeners } = snapshot;
  const [oldest] = snapshot.coveredListeners(claim);
  if (oldest === undefined) {
    return listeners.pidsOn(claim.port).hidden ? "hidden" : "forwarder";
  }
  let adopter = oldest;
  for (;;) {
    const parent = processes.process(adopter.parent);
    if (parent === undefined || parent.pid <= 1 || parent.group !== adopter.group) return adopter;
    adopter = parent;
  }
}

export function adoptionBy(adopter: Process, { owner }: Claim, snapshot: Snapshot): Adoption {
  const { machine, processes } = snapshot;
  // CLOCK_MONOTONIC values from another boot are meaningless.
  const isOfThisBoot = owner?.boot === processes.identity.boot;
  return {
    pid: adopter.pid,
    reserved: undefined,
    owner: {
      ...processes.identity,
      command: commandName(machine, adopter),
      start: String(adopter.start),
      group: adopter.group,
      at: isOfThisBoot && owner ? owner.at : machine.monotonic().toFixed(6),
      asked: machine.startClock(),
      shell: undefined,
      throwaway: undefined,
      serves: true,
    },
  };
}
