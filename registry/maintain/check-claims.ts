import { unless } from "../../native/errno.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import { type Claim, formatAge, portOfFile } from "../model/claim.ts";
import { formatDuration } from "../model/duration.ts";
import { claimPath, readClaims } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import type { Check } from "./check-home.ts";
import { isCovered, type Policy, type Outcome, reconcile } from "./reconcile.ts";

/** Younger than this, an unreadable file may still be in somebody's hands. */
const SETTLED = 2;

/** Sweeps what dead writers left, and puts claim files that can't be understood aside. */
export function checkFiles(registry: Registry, dryRun: boolean): Check[] {
  const { machine, home } = registry;
  const contents = readClaims(machine, home);
  const snapshot = new Snapshot(machine, 0);
  const checks: Check[] = [];
  for (const name of contents.others.toSorted()) {
    checks.push(checkOther(registry, name, dryRun));
  }
  for (const { port, problem } of byPort(contents.unreadable.values())) {
    const message = `claims/${port}.json can't be understood: ${problem}`;
    const keep = whyKeep(registry, snapshot, port);
    if (keep !== undefined) {
      const hint = `look at it; to remove it: portclaim release ${port} --force`;
      checks.push({ check: "file", status: "warning", port, message: `${message}; ${keep}`, hint });
      continue;
    }
    if (!dryRun) quarantine(registry, port);
    checks.push({
      check: "file",
      status: "fixed",
      port,
      message: `${message}; moved to quarantine/`,
    });
  }
  return checks;
}

const byPort = <T extends { port: number }>(all: Iterable<T>): T[] =>
  [...all].toSorted((a, b) => a.port - b.port);

function checkOther({ machine, home }: Registry, name: string, dryRun: boolean): Check {
  const path = `${home.claims}/${name}`;
  const isTemporary =
    name.endsWith(".tmp") && portOfFile(name.slice(0, -".tmp".length)) !== undefined;
  const isFile = unless(["ENOENT"], () => machine.files.stat(path))?.kind === "file";
  if (!isTemporary || !isFile) {
    const message = `claims/${name} is no claim and is ignored`;
    return {
      check: "file",
      status: "warning",
      message,
      hint: `remove it if it is not yours: ${path}`,
    };
  }
  // The lock is ours, so whoever was writing it is dead.
  if (!dryRun) machine.files.remove(path);
  return { check: "file", status: "fixed", message: `claims/${name} of a dead writer: removed` };
}

function whyKeep(
  { machine, home }: Registry,
  snapshot: Snapshot,
  port: number,
): string | undefined {
  const stat = unless(["ENOENT"], () => machine.files.stat(claimPath(home, port)));
  if (stat && Math.abs(machine.wallClock() / 1e6 - stat.mtime) < SETTLED)
    return "it was written just now";
  return snapshot.listeners.isBound(port) ? "something listens on its port" : undefined;
}

function quarantine({ machine, home }: Registry, port: number): void {
  if (unless(["ENOENT"], () => machine.files.stat(home.quarantine)) === undefined) {
    machine.files.makeDirectory(home.quarantine);
  }
  machine.files.rename(
    claimPath(home, port),
    `${home.quarantine}/${port}.json.${machine.wallClock()}`,
  );
}

/** Reaps, releases phantoms of either lease, and finds servers that listen elsewhere than claimed. */
export function checkClaims(registry: Registry, grace: number, dryRun: boolean): Check[] {
  const { machine, home } = registry;
  const snapshot = new Snapshot(machine, grace);
  const contents = readClaims(machine, home);
  const total = contents.entries.size;
  const policy = phantoms(snapshot, grace);
  const settled = reconcile(registry, contents, snapshot, { policy, dryRun });
  const elsewhere = [...contents.entries.values()].flatMap(({ claim }) =>
    checkServer(snapshot, claim, contents.entries),
  );
  const checks = [...settled.map(toCheck), ...elsewhere];
  if (checks.length > 0) return checks;
  return [{ check: "claim", status: "ok", message: `${total} claims, all of them true` }];
}

function phantoms(snapshot: Snapshot, grace: number): Policy {
  return (claim, state) => {
    const age = formatAge(snapshot.age(claim));
    if (state === "idle") return { end: true, reason: `nothing has listened on it for ${age}` };
    if (state === "unknown") return { end: false, reason: "its owner can't be seen from here" };
    if (state !== "starting" || grace === 0) return undefined;
    const why = Number.isFinite(grace)
      ? `it is younger than ${formatDuration(grace)}`
      : "the config doesn't say for how long it may";
    return { end: false, reason: `nothing listens yet, and ${why}` };
  };
}

const HINTS: Partial<Record<Claim["lease"] | string, string>> = {
  starting: "to free it now: portclaim doctor --grace 0s",
  unknown: "if you know that it is gone: portclaim release PORT --force",
};

function toCheck({ action, claim, state, reason }: Outcome): Check {
  const what = `${claim.port} (${claim.service} of ${claim.project})`;
  const done = action === "handed-over" ? "handed over" : action;
  const kept = action === "kept";
  const hint = kept ? HINTS[state]?.replace("PORT", String(claim.port)) : undefined;
  return {
    check: "claim",
    status: kept ? (state === "starting" ? "ok" : "warning") : "fixed",
    port: claim.port,
    message: `${what} ${done}: ${reason}`,
    ...(hint && { hint }),
  };
}

/** A server that was given one port and listens on another that nobody claimed. */
function checkServer(
  snapshot: Snapshot,
  claim: Claim,
  entries: ReadonlyMap<number, unknown>,
): Check[] {
  const state = snapshot.state(claim);
  if (state !== "starting" && state !== "idle") return [];
  for (const port of snapshot.listeners.byPort().keys()) {
    if (entries.has(port)) continue;
    const { pids } = snapshot.listeners.pidsOn(port);
    const server = pids
      .map((pid) => snapshot.processes.process(pid))
      .find(
        (process) =>
          process &&
          process.start >= (claim.owner?.asked ?? 0) &&
          isCovered(snapshot, claim, process),
      );
    if (server === undefined) continue;
    const message = `${claim.port} (${claim.service} of ${claim.project}): ${server.name} (pid ${server.pid}) listens on ${port} instead, which nobody claimed`;
    const hint = `make the server use the port it was given, or: portclaim release ${claim.port}`;
    return [{ check: "server", status: "warning", port: claim.port, message, hint }];
  }
  return [];
}
