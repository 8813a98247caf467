import type { Process } from "../../native/machine.ts";
import type { ProcessTable, Liveness } from "../liveness/process-table.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, State } from "../model/claim.ts";
import { commandName } from "../owner/command-name.ts";
import { type ClaimTable, type Entry, removeClaim, rewriteClaim } from "../store/claims.ts";
import type { ClaimPatch } from "../store/codec.ts";
import { Glanced } from "../store/glance.ts";
import type { Registry } from "../store/registry.ts";

/** What became of a claim, and why. */
export interface Outcome {
  action: "reaped" | "released" | "handed-over" | "kept";
  claim: Claim;
  state: State;
  reason: string;
  /** What changes in a claim that follows its server. */
  adoption?: ClaimPatch & { pid: number };
}

/** Decides of a claim that lives whether it is to end: a reason, or nothing. */
export type Policy = (claim: Claim, state: State) => { end: boolean; reason: string } | undefined;

export interface ReconcileOptions {
  /** Only says what would happen. */
  dryRun?: boolean;
  /** Whether a claim may be touched at all. */
  concerns?: (claim: Claim) => boolean;
  policy?: Policy;
}

/**
 * Makes the registry true: reaps what is proven dead, and hands a claim whose server outlived its
 * owner to that server. Only under the lock; `contents` is kept up to date.
 */
export function reconcile(
  registry: Registry,
  contents: ClaimTable,
  snapshot: Snapshot,
  settling: ReconcileOptions = {},
): Outcome[] {
  const done: Outcome[] = [];
  for (const entry of concerned(contents, snapshot, settling)) {
    const outcome = settleOne(registry, entry, snapshot, settling);
    if (outcome === undefined) continue;
    done.push(outcome);
    if (settling.dryRun || outcome.action === "kept") continue;
    const { port } = entry.claim;
    if (outcome.adoption) {
      const changed = rewriteClaim(registry.machine, registry.home, entry, outcome.adoption);
      contents.entries.set(port, changed);
    } else {
      removeClaim(registry.machine, registry.home, port);
      contents.entries.delete(port);
    }
  }
  return done.length < 2 ? done : done.toSorted((a, b) => a.claim.port - b.claim.port);
}

/** The claims to look at closer: a living owner's needs none, unless somebody asks for more. */
function concerned(
  { entries }: ClaimTable,
  { processes }: Snapshot,
  { concerns, policy }: ReconcileOptions,
): Entry[] {
  const found: Entry[] = [];
  let known: ReturnType<typeof byOwner> | undefined;
  // Who lives is asked before what listens: a server that came up meanwhile must be seen.
  for (const entry of entries.values()) {
    const liveness =
      entry instanceof Glanced
        ? (known ??= byOwner(processes))(entry)
        : processes.liveness(entry.claim);
    if (policy === undefined && liveness !== "dead") continue;
    if (concerns?.(entry.claim) !== false) found.push(entry);
  }
  return found;
}

/** Looks at one claim only of those that have the same owner at a glance. */
function byOwner(processes: ProcessTable): (entry: Glanced) => Liveness {
  const seen = new Map<string, { owner: string; liveness: Liveness }>();
  return (entry) => {
    const { pid, owner } = entry;
    const last = seen.get(pid);
    if (last?.owner === owner) return last.liveness;
    const liveness = processes.liveness(entry.claim);
    seen.set(pid, { owner, liveness });
    return liveness;
  };
}

function settleOne(
  registry: Registry,
  { claim }: Entry,
  snapshot: Snapshot,
  { policy }: ReconcileOptions,
): Outcome | undefined {
  const state = snapshot.state(claim);
  const owner = `its owner (${claim.owner?.command ?? "process"}, pid ${claim.pid}) ended`;
  if (state === "dead") return { action: "reaped", claim, state, reason: owner };
  if (state === "orphaned") {
    const adopter = findAdopter(snapshot, claim);
    if (adopter === "hidden") {
      const reason = `${owner}, and who listens on the port can't be seen`;
      return policy && { action: "kept", claim, state, reason };
    }
    if (adopter === undefined) {
      const reason = `${owner}, and a stranger listens on the port`;
      return { action: "reaped", claim, state, reason };
    }
    const changes = adopt(registry, snapshot, claim, adopter);
    const reason = `${owner}, its server (${changes.owner?.command}, pid ${adopter.pid}) goes on`;
    return { action: "handed-over", claim, state, reason, adoption: changes };
  }
  const verdict = policy?.(claim, state);
  return (
    verdict && { action: verdict.end ? "released" : "kept", claim, state, reason: verdict.reason }
  );
}

/** Whether a claim answers for a process: its owner's child, in its group, or in its directory. */
export function isCovered(snapshot: Snapshot, claim: Claim, process: Process): boolean {
  const { processes, machine } = snapshot;
  if (processes.liveness(claim) === "alive" && processes.descendsFrom(process.pid, claim.pid))
    return true;
  if (claim.owner && processes.isInGroup(process, claim.owner)) return true;
  const directory = machine.workingDirectory(process.pid);
  if (claim.cwd === undefined || directory === undefined) return false;
  const below = claim.cwd.endsWith("/") ? claim.cwd : `${claim.cwd}/`;
  return directory === claim.cwd || directory.startsWith(below);
}

/** Who inherits an orphaned claim: a covered listener's topmost ancestor in its own group. */
function findAdopter(snapshot: Snapshot, claim: Claim): Process | "hidden" | undefined {
  const { processes, listeners } = snapshot;
  const { pids, hidden } = listeners.pidsOn(claim.port);
  const covered = pids
    .map((pid) => processes.process(pid))
    .filter((process) => process !== undefined && isCovered(snapshot, claim, process)) as Process[];
  const oldest = covered.toSorted((a, b) => a.start - b.start)[0];
  if (oldest === undefined) return hidden ? "hidden" : undefined;
  let adopter = oldest;
  for (;;) {
    const parent = processes.process(adopter.parent);
    if (parent === undefined || parent.pid <= 1 || parent.group !== adopter.group) return adopter;
    adopter = parent;
  }
}

function adopt({ machine }: Registry, { processes }: Snapshot, { owner }: Claim, adopter: Process) {
  // The clock of another boot says nothing here.
  const at = owner?.boot === processes.identity.boot ? owner.at : machine.monotonic().toFixed(6);
  return {
    pid: adopter.pid,
    owner: {
      ...processes.identity,
      command: commandName(machine, adopter),
      start: String(adopter.start),
      group: adopter.group,
      at,
      asked: machine.startClock(),
      shell: undefined,
      throwaway: undefined,
      serves: true,
    },
  };
}
