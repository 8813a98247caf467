import type { ClaimView, ListenerView, UnclaimedListener } from "../../registry/model/claim.ts";
import type { Model, SeenClaim } from "./model.ts";
import type { Kind, Row } from "./row.ts";
import { printable, processName, shortPath } from "./text.ts";
import type { Pool } from "./wire.ts";

function kindOf({ state, listeners, foreign, elsewhere }: ClaimView): Kind {
  if (elsewhere) return "elsewhere";
  if (state !== "listening") return state;
  if (foreign) return "shared";
  return listeners.some(({ suspended }) => suspended) ? "suspended" : state;
}

function noteOf(kind: Kind, { port, service, ...claim }: ClaimView): string {
  const [foreign] = claim.foreign ?? [];
  const [other] = claim.elsewhere ?? [];
  const foreignName = printable(foreign?.command ?? "another process");
  const name = printable(service);
  switch (kind) {
    case "occupied":
      return `${foreignName} doesn't belong to ${name}`;
    case "shared":
      return `${foreignName} listens here too`;
    case "elsewhere":
      return `${name} listens on ${other?.port}, not on ${port}`;
    case "suspended":
      return "suspended (Ctrl-Z), so it doesn't respond";
    case "orphaned":
      return "keeps running after its owner exited";
    default:
      return "";
  }
}

/** The addresses that other machines could reach. */
function addressesOf(listeners: readonly ListenerView[]): string {
  const all = new Set(listeners.flatMap(({ addresses }) => addresses));
  return [...all].filter((address) => !/^(127\.|::1$)/.test(address)).join(" ");
}

/** "vite (7)", "vite (7) +1" */
function firstOf(all: readonly { command: string | null; pid: number | null }[]): string {
  const [first] = all;
  if (first === undefined) return "";
  const more = all.length > 1 ? ` +${all.length - 1}` : "";
  return `${briefName(first.command, first.pid)}${more}`;
}

/** A process as it is shown where there is little room: "vite (7)". */
const briefName = (command: string | null | undefined, pid: number | null) =>
  processName(command, pid).replace(/\(pid (\d+)\)$/, "($1)");

function claimRow({ claim, seen, changes }: SeenClaim, home: string | undefined): Row {
  const { port, service, project, agent, owner, pid, listeners, elsewhere, cwd = "" } = claim;
  const kind = kindOf(claim);
  const ownerName = briefName(owner?.command, pid);
  const process = firstOf(elsewhere ?? listeners);
  const foreignCommand = kind === "occupied" ? claim.foreign?.[0]?.command : undefined;
  return {
    port,
    kind,
    note: noteOf(kind, claim),
    service: printable(service),
    project: printable(project),
    branch: "",
    agent: printable(agent ?? "you"),
    owner: process === ownerName ? "" : ownerName.replace(`${agent} (`, "("),
    process,
    server: printable(foreignCommand ?? service),
    opens: elsewhere?.[0]?.port ?? (listeners.length > 0 ? port : 0),
    addresses: addressesOf(listeners),
    bornAt: seen - claim.age * 1000,
    directory: shortPath(cwd, claim.root, home),
    path: printable(cwd),
    isPersistent: claim.lease === "persistent",
    changes,
  };
}

/** Rows by claim: unchanged claims keep theirs, so that a thousand rows aren't rebuilt for one change. */
const known = new WeakMap<SeenClaim, Row>();

function rowOf(seen: SeenClaim, home: string | undefined): Row {
  const row = known.get(seen) ?? claimRow(seen, home);
  known.set(seen, row);
  return row;
}

const BLANK = {
  note: "",
  service: "",
  project: "",
  branch: "",
  agent: "",
  owner: "",
  process: "",
  server: "",
  opens: 0,
  addresses: "",
  directory: "",
  path: "",
  bornAt: undefined,
  isPersistent: false,
  changes: 0,
};

function unclaimedRow({ port, listeners }: UnclaimedListener, seen: number, home?: string): Row {
  const [first] = listeners;
  const name = printable(first?.command ?? "");
  return {
    ...BLANK,
    port,
    kind: "unclaimed",
    service: name,
    server: name,
    process: firstOf(listeners),
    opens: port,
    addresses: addressesOf(listeners),
    bornAt: first?.age == null ? undefined : seen - first.age * 1000,
    directory: shortPath(first?.cwd ?? "", undefined, home),
    path: printable(first?.cwd ?? ""),
  };
}

function unreadableRow({ port, problem }: Pool["unreadable"][number]): Row {
  const note = `its claim file is unreadable: ${printable(problem)}`;
  return { ...BLANK, port, kind: "unreadable", note };
}

/** Every row of the table, in no particular order. */
export function rowsOf({ claims, pool, poolSeen, identity }: Model): readonly Row[] {
  const home = identity?.home;
  // A server that listens elsewhere is shown in the row of its claim.
  const elsewhere = new Set(
    [...claims.values()].flatMap(({ claim }) => claim.elsewhere ?? []).map(({ port }) => port),
  );
  const unclaimed = (pool?.unclaimed ?? []).filter(({ port }) => !elsewhere.has(port));
  return [
    ...withBranches(claims, pool, home),
    ...(pool?.unreadable ?? []).map(unreadableRow),
    ...unclaimed.map((one) => unclaimedRow(one, poolSeen, home)),
  ];
}

/** The rows of claims. Those of projects with several checkouts show their branch. */
function withBranches(claims: Model["claims"], pool: Pool | undefined, home: string | undefined) {
  const all = [...claims.values()];
  const checkouts = new Map<string, Set<string | undefined>>();
  for (const { claim } of all) {
    const roots = checkouts.get(claim.project) ?? new Set();
    checkouts.set(claim.project, roots.add(claim.root));
  }
  return all.map((seen) => {
    const { root = "", project } = seen.claim;
    const branch = (checkouts.get(project)?.size ?? 0) > 1 ? pool?.branches[root] : undefined;
    const row = rowOf(seen, home);
    return branch === undefined ? row : { ...row, branch: printable(branch) };
  });
}
