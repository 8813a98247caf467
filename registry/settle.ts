import type { Claim, State } from "./claim.ts";
import { describe } from "./describe.ts";
import type { Changes } from "./format.ts";
import { Glanced } from "./glance.ts";
import type { Census, Liveness } from "./liveness.ts";
import type { Process } from "./machine.ts";
import type { Registry } from "./registry.ts";
import type { Observer } from "./state.ts";
import { type Contents, type Entry, removeClaim, rewriteClaim } from "./store.ts";

/** What became of a claim, and why. */
export interface Settlement {
  action: "reaped" | "released" | "handed-over" | "kept";
  claim: Claim;
  state: State;
  reason: string;
  /** What changes in a claim that follows its server. */
  heir?: Changes & { pid: number };
}

/** Decides of a claim that lives whether it is to end: a reason, or nothing. */
export type Policy = (claim: Claim, state: State) => { end: boolean; reason: string } | undefined;

export interface Settling {
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
export function settle(
  registry: Registry,
  contents: Contents,
  observer: Observer,
  settling: Settling = {},
): Settlement[] {
  const done: Settlement[] = [];
  for (const entry of concerned(contents, observer, settling)) {
    const settlement = settleOne(registry, entry, observer, settling);
    if (settlement === undefined) continue;
    done.push(settlement);
    if (settling.dryRun || settlement.action === "kept") continue;
    const { port } = entry.claim;
    if (settlement.heir) {
      const changed = rewriteClaim(registry.machine, registry.home, entry, settlement.heir);
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
  { entries }: Contents,
  { census }: Observer,
  { concerns, policy }: Settling,
): Entry[] {
  const found: Entry[] = [];
  let known: ReturnType<typeof byOwner> | undefined;
  // Who lives is asked before what listens: a server that came up meanwhile must be seen.
  for (const entry of entries.values()) {
    const liveness =
      entry instanceof Glanced ? (known ??= byOwner(census))(entry) : census.liveness(entry.claim);
    if (policy === undefined && liveness !== "dead") continue;
    if (concerns?.(entry.claim) !== false) found.push(entry);
  }
  return found;
}

/** Looks at one claim only of those that have the same owner at a glance. */
function byOwner(census: Census): (entry: Glanced) => Liveness {
  const seen = new Map<string, { owner: string; liveness: Liveness }>();
  return (entry) => {
    const { pid, owner } = entry;
    const last = seen.get(pid);
    if (last?.owner === owner) return last.liveness;
    const liveness = census.liveness(entry.claim);
    seen.set(pid, { owner, liveness });
    return liveness;
  };
}

function settleOne(
  registry: Registry,
  { claim }: Entry,
  observer: Observer,
  { policy }: Settling,
): Settlement | undefined {
  const state = observer.state(claim);
  const owner = `its owner (${claim.owner?.command ?? "process"}, pid ${claim.pid}) ended`;
  if (state === "dead") return { action: "reaped", claim, state, reason: owner };
  if (state === "orphaned") {
    const heir = findHeir(observer, claim);
    if (heir === "hidden") {
      const reason = `${owner}, and who listens on the port can't be seen`;
      return policy && { action: "kept", claim, state, reason };
    }
    if (heir === undefined) {
      const reason = `${owner}, and a stranger listens on the port`;
      return { action: "reaped", claim, state, reason };
    }
    const changes = inherit(registry, observer, claim, heir);
    const reason = `${owner}, its server (${changes.owner?.command}, pid ${heir.pid}) goes on`;
    return { action: "handed-over", claim, state, reason, heir: changes };
  }
  const verdict = policy?.(claim, state);
  return (
    verdict && { action: verdict.end ? "released" : "kept", claim, state, reason: verdict.reason }
  );
}

/** Whether a claim answers for a process: its owner's child, in its group, or in its directory. */
export function isCovered(observer: Observer, claim: Claim, process: Process): boolean {
  const { census, machine } = observer;
  if (census.liveness(claim) === "alive" && census.descendsFrom(process.pid, claim.pid))
    return true;
  if (claim.owner && census.isInGroup(process, claim.owner)) return true;
  const directory = machine.directory(process.pid);
  if (claim.cwd === undefined || directory === undefined) return false;
  const below = claim.cwd.endsWith("/") ? claim.cwd : `${claim.cwd}/`;
  return directory === claim.cwd || directory.startsWith(below);
}

/** Who inherits an orphaned claim: a covered listener's topmost ancestor in its own group. */
function findHeir(observer: Observer, claim: Claim): Process | "hidden" | undefined {
  const { census, sockets } = observer;
  const { pids, hidden } = sockets.pidsOn(claim.port);
  const covered = pids
    .map((pid) => census.process(pid))
    .filter((process) => process !== undefined && isCovered(observer, claim, process)) as Process[];
  const oldest = covered.toSorted((a, b) => a.start - b.start)[0];
  if (oldest === undefined) return hidden ? "hidden" : undefined;
  let heir = oldest;
  for (;;) {
    const parent = census.process(heir.parent);
    if (parent === undefined || parent.pid <= 1 || parent.group !== heir.group) return heir;
    heir = parent;
  }
}

function inherit({ machine }: Registry, { census }: Observer, { owner }: Claim, heir: Process) {
  // The clock of another boot says nothing here.
  const at = owner?.boot === census.place.boot ? owner.at : machine.monotonic().toFixed(6);
  return {
    pid: heir.pid,
    owner: {
      ...census.place,
      command: describe(machine, heir),
      start: String(heir.start),
      group: heir.group,
      at,
      asked: machine.tick(),
      shell: undefined,
      throwaway: undefined,
      serves: true,
    },
  };
}
