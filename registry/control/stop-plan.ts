import type { Process } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { Claim, PlannedServer, ProcessView } from "../model/claim.ts";
import { ancestors } from "../owner/ancestors.ts";
import { commandName } from "../owner/command-name.ts";
import { isUnserved } from "../query/elsewhere.ts";
import { viewClaims } from "../query/list.ts";
import { ClaimStore, type ClaimTable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import type { Server } from "./end-server.ts";
import { ServerFinder } from "./server.ts";
import { serversOf } from "./servers.ts";

/** The servers on a port, those that its claim covers first. */
export function planStop(registry: Registry, port: number): PlannedServer[] {
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const finder = new ServerFinder(new Snapshot(registry), table);
  return candidatesOn(finder, port).map((candidate) => describe(finder, candidate));
}

/** A server on a port, or a process there that must not be stopped. */
export interface Candidate {
  claim: Claim | null;
  covered: boolean;
  server: Server;
  refusal?: RegistryError;
}

/** The servers on a port, and the server of its claim if that listens on another port instead. */
export function candidatesOn(finder: ServerFinder, port: number): Candidate[] {
  const { snapshot, table } = finder;
  const claim = table.claims.get(port)?.claim ?? null;
  const { pids } = snapshot.listeners.pidsOn(port, claim === null ? [] : [claim.pid]);
  const isForeign = (pid: number) => claim === null || snapshot.isForeign(claim, pid);
  const here = pids.map((pid) => ({ pid, port, covered: !isForeign(pid) }));
  const elsewhere = elsewhereOf(snapshot, table, claim).map((one) => ({ ...one, covered: true }));
  const found = [...here, ...elsewhere].flatMap(({ covered, ...socket }): Candidate[] => {
    const of = covered ? claim : null;
    try {
      return serversOf(finder, of, [socket]).map((server) => ({ claim, covered, server }));
    } catch (error) {
      const listener = snapshot.processes.process(socket.pid);
      if (!(error instanceof RegistryError) || listener === undefined) throw error;
      const command = commandName(snapshot.machine, listener);
      const { port: at } = socket;
      const server = { top: listener, listeners: [listener], others: [], port: at, command };
      return [{ claim, covered, server, refusal: error }];
    }
  });
  const byTop = Map.groupBy(found, ({ server }) => server.top.pid);
  return [...byTop.values()].map(merge).toSorted((a, b) => Number(b.covered) - Number(a.covered));
}

function merge(same: readonly Candidate[]): Candidate {
  const [first] = same as [Candidate];
  const listeners = same.flatMap(({ server }) => server.listeners);
  return { ...first, server: { ...first.server, listeners } };
}

function elsewhereOf(snapshot: Snapshot, table: ClaimTable, claim: Claim | null) {
  if (claim === null || !isUnserved(snapshot.state(claim))) return [];
  const view = viewClaims(snapshot, table).find(({ port }) => port === claim.port);
  return (view?.elsewhere ?? []).map(({ pid, port }) => ({ pid, port }));
}

function describe(finder: ServerFinder, { claim, covered, server, refusal }: Candidate) {
  const { snapshot } = finder;
  const { top, listeners } = server;
  const below = snapshot.processes.descendants(top.pid);
  const [listener = top] = listeners;
  return {
    ...viewProcess(snapshot, top),
    start: String(top.start),
    cwd: snapshot.processes.workingDirectory(top.pid) ?? null,
    port: server.port,
    covered,
    ...(refusal && { refusal: refusal.message + adviceOn(finder, listener) }),
    tree: treeOf(finder, listener, covered ? claim : null),
    processes: below.map(({ pid, ...process }) => ({
      pid,
      command: commandName(snapshot.machine, { pid, ...process }),
    })),
    also: alsoEnds(finder, server, [top, ...below]),
  };
}

function adviceOn(finder: ServerFinder, listener: Process): string {
  const isForwarder = finder.protection(listener) === "a container's port forwarder";
  return isForwarder ? "; stop the container instead: docker stop NAME" : "";
}

function viewProcess({ machine }: Snapshot, process: Process): ProcessView {
  const command = commandName(machine, process);
  return { pid: process.pid, command, commandLine: machine.commandLine(process.pid).join(" ") };
}

/** A listener and its ancestors, up to the claim's owner or to the shell, terminal or agent that they run in. */
function treeOf(finder: ServerFinder, listener: Process, claim: Claim | null): ProcessView[] {
  const line = ancestors(finder.snapshot.machine, listener.pid).filter(({ pid }) => pid > 1);
  const isEnd = (process: Process) =>
    claim === null ? finder.protection(process) !== undefined : process.pid === claim.pid;
  const end = line.findIndex(isEnd);
  return line
    .slice(0, end === -1 ? line.length : end + 1)
    .map((process) => viewProcess(finder.snapshot, process));
}

/** The other ports on which a server's processes listen. */
function alsoEnds({ snapshot, table }: ServerFinder, server: Server, all: readonly Process[]) {
  const { listeners } = snapshot;
  const pids = new Set(all.map(({ pid }) => pid));
  const others = [...listeners.byPort().keys()].filter((port) => port !== server.port);
  listeners.search(others, [...pids], (pid) => pids.has(pid));
  return others
    .filter((port) => listeners.foundOn(port).some((pid) => pids.has(pid)))
    .toSorted((a, b) => a - b)
    .map((port) => ({ port, service: table.claims.get(port)?.claim.service ?? null }));
}
