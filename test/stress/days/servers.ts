import { readFileSync } from "node:fs";
import { monotonic } from "../../../native/linux/clock.ts";
import { until } from "../../harness.ts";
import { allProcesses, hasEnded, kill } from "../../processes.ts";
import { quote } from "../../shell-sandbox.ts";
import type { Calls } from "./calls.ts";
import { grantedInUse } from "./judge.ts";
import type { Server, Worker } from "./known.ts";
import type { Ledger } from "./ledger.ts";
import { identify, isRunning, listening, type ProcessId } from "./machine.ts";

/**
 * How agents start servers: by `run`, one that ignores its port, one below a supervisor, one that becomes a daemon before or after it listens; on a
 * port from `acquire`; or a program that claims its port by the library.
 */
export const KINDS = [
  "run",
  "stray",
  "supervised",
  "daemon",
  "late daemon",
  "acquire",
  "library",
] as const;

export type Kind = (typeof KINDS)[number];

const SECONDS = 60;

/** Starts a server, and writes down what it was promised; nothing if it found no port. */
export async function startServer(
  calls: Calls,
  ledger: Ledger,
  worker: Worker,
  { kind, service, prefer }: { kind: Kind; service: string; prefer?: number | undefined },
): Promise<Server | undefined> {
  const { town, place } = calls;
  const id = town.nextServerId();
  const since = monotonic();
  const before = listening();
  let ended: string | undefined;
  let daemon: ProcessId | undefined;
  // The agent's shell has the server for a child as long as it runs, as that of an agent's background command.
  const run = async () => {
    const { code, out, err } = await calls.shell(lineOf(calls, id, kind, service, prefer));
    if (kind.includes("daemon") && code === 0) daemon = identify(Number(out));
    else ended = `${kind} ended with ${code}: ${out}${err}`;
  };
  void run();
  const missed = () =>
    daemon && !isRunning(daemon) ? `${kind} ended before it listened` : undefined;
  const up = await until(`${id} listens`, () => town.upOf(id) ?? ended ?? missed(), SECONDS);
  if (typeof up === "string") {
    const isRefused = /EADDRINUSE|no free port|range-exhausted/.test(up);
    const isEnded = ledger.mayHaveEnded({ service, place, worker, ports: [] }, since);
    if (!isRefused && !isEnded) ledger.violation(up);
    return undefined;
  }
  const used = grantedInUse(up.claimed, before, listening());
  if (used) ledger.violation(used);
  // A supervisor that has been stopped meanwhile has left its server to process 1.
  const process = identify(kind === "supervised" && up.parent > 1 ? up.parent : up.pid);
  const { port, claimed } = up;
  const ports = [port, claimed];
  const server = { id, kind, service, place, worker, process, port, claimed, ports, doubts: 0 };
  ledger.add(server);
  const holder = kind === "acquire" ? worker : server;
  const known = ledger.on(claimed);
  if (known?.holder !== worker) ledger.promise(since, { port: claimed, service, place, holder });
  return server;
}

function lineOf(
  { command, town }: Calls,
  id: string,
  kind: Kind,
  service: string,
  prefer: number | undefined,
): string {
  const start = `bun ${quote(town.path("server.mjs"))} ${id}`;
  const wish = prefer === undefined ? "" : `--prefer ${prefer}`;
  const run = `exec ${quote(command)} run ${service} ${wish} --no-inject --`;
  switch (kind) {
    case "run":
      return `${run} ${start} '{port}'`;
    case "stray":
      return `${run} ${start} 0`;
    case "supervised":
      return `${run} ${quote(town.path("supervise"))} ${start} '{port}'`;
    case "daemon":
    case "late daemon":
      return `${run} ${start} '{port}' ${kind === "daemon" ? "now" : "ready"}`;
    case "acquire":
      return `PORT=$(${quote(command)} acquire ${service} ${wish}) && export PORT && exec ${start} $PORT`;
    case "library":
      return `exec node ${quote(town.path("library.mjs"))} serve ${service} ${id} ${prefer ?? ""}`;
  }
}

/** Ends a server for good, whatever may end with it; the claim that it holds is over. */
export async function crash(ledger: Ledger, server: Server): Promise<void> {
  await ledger.mayEnd({ servers: { server } }, () => endNow(server));
}

/** Kills the process that a server ends with, then what else was started for it. */
export async function endNow({ process: ending, id }: Server): Promise<void> {
  if (isRunning(ending)) kill(ending.pid);
  await until(`${id} has ended`, () => {
    const left = allProcesses().filter((each) => !hasEnded(each) && argumentsOf(each).includes(id));
    for (const each of left) kill(each);
    // One that is on its way out has no arguments any more.
    return left.length === 0 && !isRunning(ending);
  });
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
