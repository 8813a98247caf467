import { formatAge, type ListenerView, type State } from "../../registry/model/claim.ts";
import type { Held, Model } from "./model.ts";
import { printable, processName } from "./text.ts";
import type { Pool, Stranger } from "./wire.ts";

/** What a port can be; the word that is shown beside its colour. */
export type Kind = State | "unclaimed" | "unreadable";

export const KINDS: readonly Kind[] = [
  "listening",
  "starting",
  "idle",
  "orphaned",
  "dead",
  "unknown",
  "unreadable",
  "unclaimed",
];

/** One line of the table: plain values, so that it is clear at once whether they differ. */
export interface Row {
  port: number;
  kind: Kind;
  /** What it is for, or what is known instead. */
  service: string;
  group: string;
  agent: string;
  owner: string;
  /** What listens, one line each. */
  listeners: string;
  /** Addresses beyond loopback. */
  addresses: string;
  /** When its age was 0: milliseconds of performance.now(), mostly before there was a page. */
  born: number | undefined;
  directory: string;
  isPersistent: boolean;
  news: number;
}

/** Names of the groups that stand for no project; a project's name holds no "/". */
export const UNREADABLE = "/unreadable";
export const UNCLAIMED = "/unclaimed";

function listenerNames(listeners: readonly ListenerView[]): string {
  return listeners.map(({ command, pid }) => processName(command, pid)).join("\n");
}

/** Where it can be reached from, if that is more than this machine's loopback. */
function addressesOf(listeners: readonly ListenerView[]): string {
  const all = new Set(listeners.flatMap(({ addresses }) => addresses));
  return [...all].filter((address) => !/^(127\.|::1$)/.test(address)).join(" ");
}

function claimRow({ claim, seen, news }: Held): Row {
  const { port, state, service, project, agent, owner, pid, listeners, cwd, lease } = claim;
  return {
    port,
    kind: state,
    service: printable(service),
    group: printable(project),
    agent: printable(agent ?? ""),
    owner: processName(owner?.command, pid),
    listeners: listenerNames(listeners),
    addresses: addressesOf(listeners),
    born: seen - claim.age * 1000,
    directory: printable(cwd ?? ""),
    isPersistent: lease === "persistent",
    news,
  };
}

/** Rows of claims that have not changed are kept: most of a thousand stay as they are. */
const known = new WeakMap<Held, Row>();

function rowOf(held: Held): Row {
  const row = known.get(held) ?? claimRow(held);
  known.set(held, row);
  return row;
}

const BLANK = {
  agent: "",
  owner: "",
  listeners: "",
  addresses: "",
  directory: "",
  born: undefined,
  isPersistent: false,
  news: 0,
};

function strangerRow({ port, listeners }: Stranger, seen: number): Row {
  const [first] = listeners;
  return {
    ...BLANK,
    port,
    kind: "unclaimed",
    service: printable(first?.command ?? "not to be seen"),
    group: UNCLAIMED,
    listeners: listenerNames(listeners),
    addresses: addressesOf(listeners),
    born: first?.age == null ? undefined : seen - first.age * 1000,
    directory: printable(first?.cwd ?? ""),
  };
}

function unreadableRow({ port, problem }: Pool["unreadable"][number]): Row {
  return { ...BLANK, port, kind: "unreadable", service: printable(problem), group: UNREADABLE };
}

/** Every line of the table, in no order. */
export function rowsOf(
  claims: Model["claims"],
  pool: Pool | undefined,
  poolSeen: number,
): readonly Row[] {
  return [
    ...Array.from(claims.values(), rowOf),
    ...(pool?.unreadable ?? []).map(unreadableRow),
    ...(pool?.strangers ?? []).map((stranger) => strangerRow(stranger, poolSeen)),
  ];
}

/** How old a row is, for people. `now` is performance.now(). */
export function ageOf({ born }: Row, now: number): string {
  return born === undefined ? "" : formatAge(Math.max(0, now - born) / 1000);
}
