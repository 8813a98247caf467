import { unless } from "../../native/errno.ts";
import { ListenerTable } from "../liveness/listeners.ts";
import { ProcessTable } from "../liveness/process-table.ts";
import { portOfFile } from "../model/claim.ts";
import { claimPath, type ClaimTable, type Unreadable } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { Transaction } from "../store/transaction.ts";
import type { Check } from "./check-home.ts";

/** Seconds after its last change for which an unreadable file may still be incomplete. */
const SETTLED = 2;

/** Removes files left by killed writers, and moves unreadable claim files to quarantine/. */
export function checkFiles(registry: Registry, table: ClaimTable, dryRun: boolean): Check[] {
  const { others, unreadable } = table;
  const listeners = new ListenerTable(new ProcessTable(registry.machine));
  const byPort = [...unreadable.values()].toSorted((a, b) => a.port - b.port);
  return [
    ...others.toSorted().map((name) => checkOther(registry, name, dryRun)),
    ...byPort.map((file) => checkUnreadable(registry, listeners, table, file)),
  ];
}

function checkOther({ machine, home }: Registry, name: string, dryRun: boolean): Check {
  const path = `${home.claims}/${name}`;
  const isTemporary =
    name.endsWith(".tmp") && portOfFile(name.slice(0, -".tmp".length)) !== undefined;
  const isFile = unless(["ENOENT"], () => machine.files.stat(path))?.kind === "file";
  if (!isTemporary || !isFile) {
    return {
      check: "file",
      status: "warning",
      message: `claims/${name} is not a claim file; ignored`,
      hint: `remove it if it isn't yours: ${path}`,
    };
  }
  // We hold the lock, so its writer was killed.
  if (!dryRun) machine.files.remove(path);
  return {
    check: "file",
    status: "fixed",
    message: `removed claims/${name}, left by a killed writer`,
  };
}

function checkUnreadable(
  registry: Registry,
  listeners: ListenerTable,
  table: ClaimTable,
  { port, problem }: Unreadable,
): Check {
  const what = `claims/${port}.json is unreadable: ${problem}`;
  const keep = whyKeep(registry, listeners, port);
  if (keep !== undefined) {
    const hint = `inspect it; to remove it: portclaim release ${port} --force`;
    return {
      check: "file",
      status: "warning",
      port,
      message: `${what}; kept, because ${keep}`,
      hint,
    };
  }
  if (table instanceof Transaction) {
    const why = { event: "released", reason: `its file was unreadable: ${problem}` } as const;
    table.remove(port, why, () => quarantine(registry, port));
  }
  return { check: "file", status: "fixed", port, message: `${what}; moved to quarantine/` };
}

function whyKeep({ machine, home }: Registry, listeners: ListenerTable, port: number) {
  const stat = unless(["ENOENT"], () => machine.files.stat(claimPath(home, port)));
  if (stat && Math.abs(machine.wallClock() / 1e6 - stat.mtime) < SETTLED) {
    return "it was written just now";
  }
  return listeners.isBound(port) ? "a process listens on its port" : undefined;
}

function quarantine({ machine, home }: Registry, port: number): void {
  if (unless(["ENOENT"], () => machine.files.stat(home.quarantine)) === undefined) {
    machine.files.makeDirectory(home.quarantine);
  }
  const name = `${port}.json.${machine.wallClock()}`;
  machine.files.rename(claimPath(home, port), `${home.quarantine}/${name}`);
}
