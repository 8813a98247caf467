import type { Listener, Process } from "../../native/machine.ts";
import { isWithin, isWithinAny } from "../liveness/coverage.ts";
import { isMarked, MARK_VARIABLE } from "../liveness/mark.ts";
import type { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, Elsewhere, State } from "../model/claim.ts";
import { agentOfCommand, agentOfVariables, agentSession } from "../owner/agent.ts";
import { commandName } from "../owner/command-name.ts";

/** Seconds: wrangler and netlify open other ports up to half a second before the claimed one. */
export const SETTLED = 3;

/**
 * Finds servers that listen on a port that isn't `isClaimed`, or not for them, while no covered process
 * listens on the claimed one, by claimed port. A listener only counts if exactly one claim matches it
 * and its process is at least `settled` seconds old.
 */
export function findElsewhere(
  snapshot: Snapshot,
  claims: readonly Claim[],
  isClaimed: (port: number) => boolean,
  settled = SETTLED,
): Map<number, Elsewhere[]> {
  const found = new Map<number, Elsewhere[]>();
  const waiting = claims.filter((claim) => isUnserved(snapshot.state(claim)));
  if (waiting.length === 0) return found;
  const { processes, listeners, machine } = snapshot;
  // Only root can tell which process has another user's socket.
  const isReadable = ({ uid }: Listener) => machine.uid === 0 || uid === machine.uid;
  const ports: number[] = [];
  for (const [port, sockets] of listeners.byPort()) {
    if (!isClaimed(port) && sockets.some(isReadable)) ports.push(port);
  }
  if (ports.length === 0) return found;
  const directories = new Set(waiting.map(({ cwd }) => cwd));
  const isCandidate = (pid: number) => {
    const directory = processes.workingDirectory(pid);
    return directory !== undefined && isWithinAny(directory, directories);
  };
  // A server that owns its claim may have left its directory.
  if (waiting.some(({ owner }) => owner?.serves)) {
    const owners = waiting.map(({ pid }) => pid);
    listeners.search(ports, owners);
  } else listeners.search(ports, [], isCandidate);
  for (const port of ports.toSorted((a, b) => a - b)) {
    const pids = listeners.foundOn(port);
    if (pids.length === 0) continue;
    for (const claim of ownersOf(snapshot, waiting, pids, settled)) {
      const process = processes.process(claim.server);
      if (process === undefined) continue;
      const one = { port, pid: process.pid, command: commandName(machine, process) };
      found.set(claim.port, [...(found.get(claim.port) ?? []), one]);
    }
  }
  return found;
}

/** Whether a claim in this state has a live owner, but no covered listener on its port. */
export function isUnserved(state: State): boolean {
  return state === "starting" || state === "idle" || state === "occupied";
}

/** The one claim that each listener belongs to; none if several match equally well. */
function ownersOf(
  snapshot: Snapshot,
  claims: readonly Claim[],
  pids: readonly number[],
  settled: number,
): { port: number; server: number }[] {
  const matches: { port: number; server: number; serves: boolean }[] = [];
  for (const claim of claims) {
    const server = pids.find((pid) => isServerOf(snapshot, claim, pid, settled));
    if (server === undefined) continue;
    matches.push({ port: claim.port, server, serves: claim.owner?.serves === true });
  }
  // The process that owns a claim is its server, whatever other claims its directory has.
  const own = matches.filter(({ serves }) => serves);
  const [found, ...others] = own.length > 0 ? own : matches;
  return found && others.length === 0 ? [found] : [];
}

/**
 * Whether a listener is the claim's server: of a claim that its server owns, the owner or its
 * descendant; else a covered process that started after the claim, in its directory.
 */
function isServerOf(snapshot: Snapshot, claim: Claim, pid: number, settled: number): boolean {
  const { processes, machine, coverage } = snapshot;
  const process = processes.process(pid);
  if (process === undefined || machine.secondsSince(process.start) < settled) return false;
  if (claim.owner?.serves) return processes.descendsFrom(pid, claim.pid);
  if (process.start < (claim.owner?.asked ?? 0)) return false;
  // `run` started it for a claim of its own, even if that was released.
  if (processes.variable(pid, MARK_VARIABLE) && !isMarked(processes, pid, claim.owner))
    return false;
  const directory = processes.workingDirectory(pid);
  if (claim.cwd === undefined || directory === undefined) return false;
  // An agent's MCP servers and debuggers aren't the service.
  if (!isWithin(directory, claim.cwd) || !coverage.covers(claim, process)) return false;
  return !isAnothers(snapshot, claim, process);
}

/** Whether another agent, or a person, has started a process that works in a claim's directory. */
function isAnothers({ processes, coverage }: Snapshot, claim: Claim, process: Process): boolean {
  const variables = processes.variables(process.pid);
  const agent = agentOfVariables(variables);
  if (agent !== undefined && claim.agent === null) return true;
  // Sessions are told apart also in tmux. An agent's MCP server may not know that of the agent's shells.
  const session = agentSession(variables)?.value;
  const own = claim.owner?.session;
  if (session !== undefined && own !== undefined) return session !== own;
  const owner = agentOfCommand(claim.owner?.command ?? "");
  if (agent !== undefined && owner !== undefined && agent !== owner) return true;
  return coverage.isBelowHost(process, claim.pid);
}

/** "listens on 5173, not on 3000 (vite, pid 4711)"; `undefined` if it doesn't. */
export function describeElsewhere({
  port,
  elsewhere: [first] = [],
}: {
  port: number;
  elsewhere?: Elsewhere[];
}): string | undefined {
  return first && `listens on ${first.port}, not on ${port} (${first.command}, pid ${first.pid})`;
}
