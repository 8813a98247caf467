import type { Probe } from "../../native/machine.ts";
import type { Config, Range } from "../config/config.ts";
import { BLOCKED_PORTS } from "../model/blocked-ports.ts";
import type { Claim } from "../model/claim.ts";

/** What one service wants. */
export interface PortRequest {
  project: string;
  service: string;
  /** The port it prefers; any from 1 to 65535. */
  preferred?: number;
  /** Where to look from, if none is preferred. */
  near?: number;
  /** Only the preferred one will do. */
  exact: boolean;
  /** The port it had last. */
  last?: number;
}

/** What a choice must know of the world; it asks nothing else. */
export interface PortAvailability {
  /** Whether a claim, readable or not, holds the port. */
  isClaimed(port: number): boolean;
  /** The claim on a port, if it is idle and ephemeral: free game for who wants this port. */
  idleOn(port: number): Claim | undefined;
  /** Whether the very process that the claim is for listens on the port already. */
  isOwners(port: number): boolean;
  /** Idle ephemeral claims in a range, the oldest first. */
  idleIn(range: Range): Claim[];
  /** Whether a server could bind the port; asked only for one about to be handed out. */
  probe(port: number): Probe;
}

export type Choice = { port: number; takenFrom?: Claim } | undefined;

/** The ranges that a project's services are given ports from, its own first. */
export function rangesFor(config: Config, project: string): Range[] {
  const own = config.projects.get(project)?.range;
  return own === undefined ? [config.range] : [own, config.range];
}

/** What a service prefers: the caller's word, else its own in the config, else its project's. */
export function preferredPort(
  config: Config,
  project: string,
  service: string,
  prefer: number | undefined,
): number | undefined {
  return prefer ?? config.services.get(service)?.port ?? config.projects.get(project)?.prefer;
}

/** Chooses a port; `undefined` if there is none to be had. */
export function choosePort(wish: PortRequest, config: Config, world: PortAvailability): Choice {
  const { preferred, last } = wish;
  if (preferred !== undefined) {
    const choice = takePreferred(preferred, world);
    if (choice !== undefined || wish.exact) return choice;
  }
  const ranges = rangesFor(config, wish.project);
  const isChoosable = (port: number) => !config.exclude.has(port) && !BLOCKED_PORTS.includes(port);
  const isFree = (port: number) => !world.isClaimed(port) && world.probe(port) === "free";
  if (last !== undefined && inAny(ranges, last) && isChoosable(last) && isFree(last)) {
    return { port: last };
  }
  for (const range of ranges) {
    const size = range.last - range.first + 1;
    const start = startOf(range, preferred ?? wish.near);
    for (let i = 0; i < size; i++) {
      const port = range.first + ((start + i) % size);
      if (isChoosable(port) && isFree(port)) return { port };
    }
    for (const idle of world.idleIn(range)) {
      const { port } = idle;
      if (isChoosable(port) && world.probe(port) === "free") return { port, takenFrom: idle };
    }
  }
  return undefined;
}

function takePreferred(port: number, world: PortAvailability): Choice {
  if (!world.isClaimed(port)) {
    return world.isOwners(port) || world.probe(port) === "free" ? { port } : undefined;
  }
  const idle = world.idleOn(port);
  return idle && world.probe(port) === "free" ? { port, takenFrom: idle } : undefined;
}

export function contains({ first, last }: Range, port: number): boolean {
  return port >= first && port <= last;
}

function inAny(ranges: readonly Range[], port: number): boolean {
  for (const range of ranges) if (contains(range, port)) return true;
  return false;
}

/** Where the walk through a range begins: just above `after`, or at its start if that lies outside. */
function startOf(range: Range, after: number | undefined): number {
  return after !== undefined && contains(range, after) ? after + 1 - range.first : 0;
}
