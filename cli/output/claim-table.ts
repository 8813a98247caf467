import { branchOf } from "../../registry/config/branch.ts";
import type { Here } from "../../registry/config/checkout.ts";
import type { ClaimView, ListenerView, UnclaimedListener } from "../../registry/model/claim.ts";
import { formatAge } from "../../registry/model/time.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { projectName } from "../../registry/values/name.ts";
import type { Io } from "./io.ts";
import { shortPath } from "./place.ts";
import { table } from "./table.ts";

/** A listener without a claim, as `list --all` shows it. */
export type Unclaimed = UnclaimedListener & { state: "unclaimed" };
export type Row = ClaimView | Unclaimed;

const HEADINGS = ["PORT", "STATE", "SERVICE", "PROJECT", "BY", "PROCESS", "DIRECTORY", "AGE"];

/** Claims and listeners as a table for people. */
export function claimTable(rows: readonly Row[], registry: Registry, here: Here, io: Io): string {
  const claims = rows.filter((row): row is ClaimView => row.state !== "unclaimed");
  const place = (path: string) => shortPath(path, here, io.env["HOME"]);
  const cells = rows.map((row) => {
    if (row.state === "unclaimed") return unclaimedCells(row, place);
    const branch = hasTwin(row, claims) && branchOf(registry.machine, row.root ?? "");
    // A worktree's directory is often named for its branch.
    const isNew = branch && !row.cwd?.endsWith(branch);
    return claimCells(row, (path) => place(path) + (isNew ? ` (${branch})` : ""));
  });
  const { color, width } = io;
  const isNamed = claims.every(({ project, cwd = "" }) => project === projectName(cwd));
  const redundant = isNamed ? ["PROJECT"] : [];
  return table(HEADINGS, cells, { color, width, redundant, spare: ["BY", "PROJECT"] });
}

function claimCells(claim: ClaimView, place: (path: string) => string): string[] {
  const { port, service, project, agent, owner, cwd, age, listeners } = claim;
  const isSuspended = claim.state === "listening" && listeners.some(({ suspended }) => suspended);
  const state = isSuspended ? "suspended" : claim.state;
  // A server that owns its claim is the process itself.
  const by = agent ?? (owner?.serves ? "" : owner?.command) ?? "";
  const directory = cwd === undefined ? "" : place(cwd);
  return [`${port}`, state, service, project, by, processOf(claim), directory, formatAge(age)];
}

function unclaimedCells({ port, state, listeners }: Unclaimed, place: (path: string) => string) {
  const [first] = listeners;
  const age = first?.age ?? null;
  const directory = first?.cwd == null ? "" : place(first.cwd);
  const process = first ? describe(first) : "";
  return [`${port}`, state, "", "", "", process, directory, age === null ? "" : formatAge(age)];
}

/** What listens: "vite (4711)", "vite (4711) on 5173", "vite (4711), shared with node (7)". */
function processOf({ pid, owner, listeners, foreign = [], elsewhere = [] }: ClaimView): string {
  const [real] = elsewhere;
  if (real) return `${real.command} (${real.pid}) on ${real.port}`;
  const isForeign = (one: ListenerView) => foreign.some((other) => other.pid === one.pid);
  const own = listeners.find((one) => one.pid === null || !isForeign(one));
  const [other] = foreign;
  if (own && other) return `${describe(own)}, shared with ${describe(other)}`;
  const only = own ?? other;
  if (only) return describe(only);
  return owner?.serves ? `${owner.command} (${pid})` : "";
}

function describe({ command, pid, uid }: Pick<ListenerView, "command" | "pid" | "uid">): string {
  return pid === null ? `user ${uid ?? "?"}` : `${command ?? "?"} (${pid})`;
}

/** Whether another row has the same service in another checkout of the same repository. */
function hasTwin({ root, repository, service }: ClaimView, claims: readonly ClaimView[]): boolean {
  if (root === undefined) return false;
  return claims.some(
    (other) =>
      other.service === service &&
      other.root !== undefined &&
      other.root !== root &&
      (other.repository ?? other.root) === (repository ?? root),
  );
}
