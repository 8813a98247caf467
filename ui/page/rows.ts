import {
  type ClaimView,
  formatAge,
  type ListenerView,
  type State,
  type UnclaimedListener,
} from "../../registry/model/claim.ts";
import type { Model, SeenClaim } from "./model.ts";
import { printable, processName } from "./text.ts";
import type { Pool } from "./wire.ts";

/** The state of a port's row, as the page shows it. */
export type Kind = State | "unclaimed" | "unreadable";

export const KINDS: readonly Kind[] = [
  "listening",
  "starting",
  "occupied",
  "idle",
  "orphaned",
  "dead",
  "unknown",
  "unreadable",
  "unclaimed",
];

/** One row of the table, in plain values that are cheap to compare. */
export interface Row {
  port: number;
  kind: Kind;
  /** The service, or what is known instead. */
  service: string;
  group: string;
  agent: string;
  owner: string;
  /** The listening processes, one per line. */
  listeners: string;
  /** Addresses beyond loopback. */
  addresses: string;
  /** When its age was 0: milliseconds of performance.now(), negative if before the page was loaded. */
  bornAt: number | undefined;
  directory: string;
  isPersistent: boolean;
  changes: number;
}

/** Groups that aren't projects; a project's name can't contain "/". */
export const UNREADABLE = "/unreadable";
export const UNCLAIMED = "/unclaimed";

function listenerNames(listeners: readonly ListenerView[]): string[] {
  return listeners.map(({ command, pid, suspended }) => {
    const name = processName(command, pid);
    return suspended ? `${name}, suspended` : name;
  });
}

/** The listeners of a claim, those elsewhere with their port. */
function claimListeners({ listeners, foreign = [], elsewhere = [] }: ClaimView): string {
  const foreigners = new Set(listenerNames(foreign));
  return [
    ...listenerNames(listeners).map((name) => (foreigners.has(name) ? `${name}, foreign` : name)),
    ...elsewhere.map(({ port, pid, command }) => `${processName(command, pid)} on port ${port}`),
  ].join("\n");
}

/** The addresses that other machines could reach. */
function addressesOf(listeners: readonly ListenerView[]): string {
  const all = new Set(listeners.flatMap(({ addresses }) => addresses));
  return [...all].filter((address) => !/^(127\.|::1$)/.test(address)).join(" ");
}

function claimRow({ claim, seen, changes }: SeenClaim): Row {
  const { port, state, service, project, agent, owner, pid, listeners, cwd, lease } = claim;
  return {
    port,
    kind: state,
    service: printable(service),
    group: printable(project),
    agent: printable(agent ?? ""),
    owner: processName(owner?.command, pid),
    listeners: claimListeners(claim),
    addresses: addressesOf(listeners),
    bornAt: seen - claim.age * 1000,
    directory: printable(cwd ?? ""),
    isPersistent: lease === "persistent",
    changes,
  };
}

/** Rows by claim: unchanged claims keep theirs, so that a thousand rows aren't rebuilt for one change. */
const known = new WeakMap<SeenClaim, Row>();

function rowOf(seen: SeenClaim): Row {
  const row = known.get(seen) ?? claimRow(seen);
  known.set(seen, row);
  return row;
}

const BLANK = {
  agent: "",
  owner: "",
  listeners: "",
  addresses: "",
  directory: "",
  bornAt: undefined,
  isPersistent: false,
  changes: 0,
};

function unclaimedRow({ port, listeners }: UnclaimedListener, seen: number): Row {
  const [first] = listeners;
  return {
    ...BLANK,
    port,
    kind: "unclaimed",
    service: printable(first?.command ?? "another user's process"),
    group: UNCLAIMED,
    listeners: listenerNames(listeners).join("\n"),
    addresses: addressesOf(listeners),
    bornAt: first?.age == null ? undefined : seen - first.age * 1000,
    directory: printable(first?.cwd ?? ""),
  };
}

function unreadableRow({ port, problem }: Pool["unreadable"][number]): Row {
  return { ...BLANK, port, kind: "unreadable", service: printable(problem), group: UNREADABLE };
}

/** Every row of the table, in no particular order. */
export function rowsOf(
  claims: Model["claims"],
  pool: Pool | undefined,
  poolSeen: number,
): readonly Row[] {
  return [
    ...Array.from(claims.values(), rowOf),
    ...(pool?.unreadable ?? []).map(unreadableRow),
    ...(pool?.unclaimed ?? []).map((one) => unclaimedRow(one, poolSeen)),
  ];
}

/** The age of a row in words. `now` is performance.now(). */
export function ageOf({ bornAt }: Row, now: number): string {
  return bornAt === undefined ? "" : formatAge(Math.max(0, now - bornAt) / 1000);
}
