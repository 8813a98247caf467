import type { Probe } from "../../native/machine.ts";
import type { Config, Range } from "../config/config.ts";
import { contains, portsOfOthers, rangesFor } from "../config/pool.ts";
import { BLOCKED_PORTS } from "../model/blocked-ports.ts";
import type { Claim } from "../model/claim.ts";
import type { PortRequest } from "./request.ts";

/** Everything that choosing a port needs to know. */
export interface PortAvailability {
  /** Whether a claim, readable or not, reserves the port. */
  isClaimed(port: number): boolean;
  /** The port's claim, if it is idle and ephemeral, and so may be reassigned. */
  idleOn(port: number): Claim | undefined;
  /** Whether the claim's future owner already listens on the port. */
  isOwners(port: number): boolean;
  /** Whether another service, or this service in another directory, had the port last. */
  isAnothers(port: number): boolean;
  /** Idle ephemeral claims in a range, oldest first. */
  idleIn(range: Range): Claim[];
  /** Whether a server could bind the port. Only called for a port about to be allocated. */
  probe(port: number): Probe;
}

/** A port, and the idle claim that it replaces, if any. */
export interface Choice {
  port: number;
  takenFrom?: Claim;
}

/**
 * Chooses a port: the preferred one, else the service's previous one (`last`), else one from the
 * project's range, else one from the pool. Within a range: the next free port, else one that another
 * service had last, else one that config.toml or portclaim.toml assigns to another service, else one with an idle claim.
 */
export function choosePort(
  request: Pick<PortRequest, "project" | "service" | "preferred" | "near" | "exact" | "assigned">,
  last: number | undefined,
  config: Config,
  availability: PortAvailability,
): Choice | undefined {
  const { preferred } = request;
  if (preferred !== undefined) {
    const choice = takePreferred(preferred, availability);
    if (choice !== undefined || request.exact) return choice;
  }
  const ranges = rangesFor(config, request.project);
  const others = portsOfOthers(config, request.project, request.service);
  for (const port of request.assigned ?? []) others.add(port);
  const isEligible = (port: number) => !config.exclude.has(port) && !BLOCKED_PORTS.includes(port);
  const isFree = (port: number) =>
    !availability.isClaimed(port) && availability.probe(port) === "free";
  const mayKeep = (port: number) => inAny(ranges, port) && isEligible(port) && !others.has(port);
  if (last !== undefined && mayKeep(last) && isFree(last)) {
    return { port: last };
  }
  for (const range of ranges) {
    const size = range.last - range.first + 1;
    const start = startOf(range, preferred ?? request.near);
    const remembered: number[] = [];
    const configured: number[] = [];
    for (let i = 0; i < size; i++) {
      const port = range.first + ((start + i) % size);
      if (!isEligible(port) || availability.isClaimed(port)) continue;
      if (others.has(port)) configured.push(port);
      else if (availability.isAnothers(port)) remembered.push(port);
      else if (availability.probe(port) === "free") return { port };
    }
    for (const port of [...remembered, ...configured]) {
      if (availability.probe(port) === "free") return { port };
    }
    for (const idle of availability.idleIn(range)) {
      const { port } = idle;
      if (isEligible(port) && availability.probe(port) === "free") return { port, takenFrom: idle };
    }
  }
  return undefined;
}

function takePreferred(port: number, availability: PortAvailability): Choice | undefined {
  if (!availability.isClaimed(port)) {
    return availability.isOwners(port) || availability.probe(port) === "free"
      ? { port }
      : undefined;
  }
  const idle = availability.idleOn(port);
  return idle && availability.probe(port) === "free" ? { port, takenFrom: idle } : undefined;
}

function inAny(ranges: readonly Range[], port: number): boolean {
  for (const range of ranges) if (contains(range, port)) return true;
  return false;
}

/** The offset at which to start searching a range: after `after`, or 0 if that is outside the range. */
function startOf(range: Range, after: number | undefined): number {
  return after !== undefined && contains(range, after) ? after + 1 - range.first : 0;
}
