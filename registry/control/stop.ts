import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, ClaimView } from "../model/claim.ts";
import type { Caller } from "../owner/caller.ts";
import { commandName } from "../owner/command-name.ts";
import { describeClaim } from "../query/explain.ts";
import type { PortOrService } from "../query/find.ts";
import { matches, viewClaims } from "../query/list.ts";
import { isHere, type Named, onlyMatch } from "../query/scope.ts";
import { ClaimStore, type ClaimTable } from "../store/claims.ts";
import { appendUnlocked, eventNow } from "../store/history.ts";
import type { Registry } from "../store/registry.ts";
import { type Transaction, transact } from "../store/transaction.ts";
import { type Ended, endServer } from "./end-server.ts";
import { ServerFinder } from "./server.ts";
import { serversOf } from "./servers.ts";
import { freedPorts, siblingPorts } from "./siblings.ts";

export interface StopRequest {
  target: PortOrService;
  here: Here;
  /** Seconds between TERM and KILL. */
  timeout: number;
  /** Also stop another owner's server, or one without a claim. */
  force?: boolean;
}

export interface Stopped {
  port: number;
  claim: ClaimView | null;
  /** The processes that were stopped, and how; empty if no covered process listened. */
  ended: Ended[];
  /** Foreign listeners on the port. They keep running. */
  foreign: { pid: number | null; command: string | null }[];
  /** Other claimed ports whose servers stopped too, because they share the supervisor. */
  also: number[];
  /** Whether the claim was released because its owner exited. */
  released: boolean;
}

/**
 * Stops the server on a port and its supervisor: TERM, then KILL after the timeout. Only stops a server
 * covered by a claim of the caller's owner or checkout, and never a shell, a session host, an agent or
 * an ancestor of the caller. Throws a RegistryError: "not-found", "ambiguous",
 * "not-owner", "not-covered", "ancestor", "still-running".
 */
export async function stop(
  registry: Registry,
  { target, here, timeout, force = false }: StopRequest,
  caller: Caller | undefined,
): Promise<Stopped> {
  const { machine } = registry;
  const snapshot = new Snapshot(registry, { caller });
  const table = new ClaimStore(machine, registry.home).readAll();
  const port = "port" in target ? target.port : portOf(registry, snapshot, table, target, here);
  const claim = table.claims.get(port)?.claim ?? null;
  const { pids, hidden } = snapshot.listeners.pidsOn(port);
  const finder = new ServerFinder(snapshot, table);
  const foreign = pids.filter((pid) => claim === null || snapshot.isForeign(claim, pid));
  if (!force) checkClaim(registry, snapshot, port, claim, here, foreign, hidden);
  if (hidden && pids.length === 0) {
    throw notCovered(snapshot, port, undefined, "and may be another user's");
  }
  const view = viewClaims(snapshot, table).find((one) => one.port === port) ?? null;
  const sockets = [
    ...pids.filter((pid) => force || !foreign.includes(pid)).map((pid) => ({ pid, port })),
    ...(view?.elsewhere ?? []),
  ];
  const servers = serversOf(finder, claim, sockets);
  // A supervisor whose server crashed, or one that is still starting.
  if (servers.length === 0 && claim) servers.push(...finder.ownServer(claim));
  // What listens on the port of a service that has exited isn't what was meant.
  const isOver = "service" in target && claim !== null && snapshot.state(claim) === "dead";
  if (servers.length === 0 && foreign.length > 0 && !isOver) {
    throw notCovered(snapshot, port, foreign[0], "which doesn't belong to the claim");
  }
  if (hidden && servers.length === 0) {
    throw notCovered(snapshot, port, undefined, "and may be another user's");
  }
  const siblings = siblingPorts(finder, port, servers);
  const ended = await endServer(registry, claim, port, servers, timeout);
  return {
    port,
    claim: view,
    ended,
    foreign: force ? [] : foreign.map((pid) => identify(snapshot, pid)),
    ...(await finishStop(registry, claim, port, siblings, ended, caller)),
  };
}

function portOf(
  { shared }: Registry,
  snapshot: Snapshot,
  table: ClaimTable,
  named: Named,
  here: Here,
): number {
  const all = viewClaims(snapshot, table);
  const seeker = { here, shared, isOwn: snapshot.isOwn };
  const found = onlyMatch(all, named, seeker, (claim) => snapshot.state(claim) === "dead");
  const isRunning = ({ state, elsewhere }: ClaimView) =>
    state === "listening" || elsewhere !== undefined;
  if (all.some((claim) => claim.port === found.port && isRunning(claim))) return found.port;
  // The caller may have claimed a port of its own, and started the server with `run`.
  const { caller, processes } = snapshot;
  const running = all.filter(
    (claim) =>
      matches(claim, named) &&
      isRunning(claim) &&
      isHere(claim, here, shared) &&
      caller !== undefined &&
      processes.descendsFrom(claim.pid, caller.owner.pid),
  );
  const [server, ...others] = running;
  return server && others.length === 0 ? server.port : found.port;
}

function checkClaim(
  { shared }: Registry,
  snapshot: Snapshot,
  port: number,
  claim: Claim | null,
  here: Here,
  foreign: readonly number[],
  hidden: boolean,
): void {
  if (claim === null) {
    const [first] = foreign;
    if (first === undefined && !hidden) {
      const what = `port ${port}`;
      const message = `nothing listens on port ${port}, and it isn't claimed`;
      throw new RegistryError(message, { code: "not-found", what });
    }
    throw notCovered(snapshot, port, first, "without a claim");
  }
  if (!snapshot.isOwn(claim) && !isHere(claim, here, shared)) {
    const where = claim.cwd === undefined ? "" : `, in ${claim.cwd}`;
    const message = `port ${port} is ${describeClaim(claim)}${where}`;
    throw new RegistryError(message, { code: "not-owner", port, claim });
  }
}

function notCovered(snapshot: Snapshot, port: number, pid: number | undefined, why: string) {
  const by = pid === undefined ? "a process that can't be seen" : nameOf(snapshot, pid);
  const message = `port ${port} is in use by ${by}, ${why}`;
  const isHidden = pid === undefined;
  return new RegistryError(message, { code: "not-covered", port, isHidden });
}

function identify({ machine, processes }: Snapshot, pid: number) {
  const process = processes.process(pid);
  return { pid, command: process ? commandName(machine, process) : null };
}

const nameOf = (snapshot: Snapshot, pid: number) =>
  `${identify(snapshot, pid).command ?? "a process"} (pid ${pid})`;

/**
 * Removes a claim that ended with its server, and tells the history. `siblings`: claimed ports whose
 * servers may have ended too.
 */
export async function finishStop(
  registry: Registry,
  claim: Claim | null,
  port: number,
  siblings: number[],
  ended: readonly Ended[],
  caller?: Caller,
): Promise<Pick<Stopped, "also" | "released">> {
  const also = await freedPorts(registry, siblings);
  const names = ended.map(({ command, pid }) => `${command ?? "a process"} (pid ${pid})`);
  const stopped = { event: "stopped", reason: names.join(", ") } as const;
  if (claim === null) {
    if (ended.length > 0) appendUnlocked(registry, eventNow(registry, port, stopped, caller));
    return { also, released: false };
  }
  const tidyUp = (transaction: Transaction) => {
    if (ended.length > 0) transaction.note(claim, stopped);
    for (const other of also) {
      const sibling = transaction.claims.get(other)?.claim ?? other;
      transaction.note(sibling, { event: "stopped", reason: `with the server on ${port}` });
    }
    return removeIfOver(transaction, claim);
  };
  return { also, released: await transact(registry, tidyUp, caller) };
}

/** Removes the claim if its owner exited with the server: it would only be listed as dead. */
function removeIfOver(transaction: Transaction, { port, claimed_at, pid }: Claim): boolean {
  const snapshot = new Snapshot(transaction.registry);
  const isOver = (now: Claim) =>
    now.claimed_at === claimed_at &&
    now.pid === pid &&
    snapshot.processes.liveness(now) === "dead" &&
    snapshot.state(now) !== "orphaned";
  const reason = "its owner exited with its server";
  return transaction.removeIf(port, isOver, { event: "released", reason });
}
