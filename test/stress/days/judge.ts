import type { Place } from "./place.ts";

// What must not be. Each returns what is wrong, and nothing if all is well.

type Sockets = ReadonlyMap<number, ReadonlySet<string>>;

/** A port must not be handed out while a socket listened on it from before the call until after it. */
export function grantedInUse(port: number, before: Sockets, after: Sockets): string | undefined {
  const there = [...(before.get(port) ?? [])].find((socket) => after.get(port)?.has(socket));
  return there && `${port} was handed out while socket ${there} listened on it`;
}

/** What was asked for is preferred, with `exact` it alone will do. */
export function grantedOther(
  port: number,
  { exact, prefer }: { exact?: boolean; prefer?: number },
): string | undefined {
  if (!exact || port === prefer) return undefined;
  return `${port} was handed out where only ${prefer} would do`;
}

/** `find` must not answer with another checkout of the repository, and `reuse` with no other at all. */
export function answeredElsewhere(
  what: "find" | "reuse",
  here: Place,
  answer: Place | undefined,
): string | undefined {
  if (answer === undefined || answer.root === here.root) return undefined;
  if (what === "find" && answer.repository !== here.repository) return undefined;
  return `${what} in ${here.root} answered with the server of ${answer.root}`;
}

/** What a claim's file says, as far as the claim is known by it. */
export interface ClaimFile {
  service?: string;
  cwd?: string;
  pid?: number;
  claimed_at?: string;
  owner?: { session?: string };
}

/**
 * A claim that is relied on must be there, as it was made. `pid`: of the agent that has it, and may acquire it again; a
 * server never does that, so its claim keeps its time.
 */
export function lostClaim(
  promised: {
    port: number;
    service: string;
    place: Place;
    pid?: number | undefined;
    claimedAt?: string | undefined;
  },
  file: ClaimFile | undefined,
): string | undefined {
  const { port, service, place, pid, claimedAt } = promised;
  const isSame = pid === undefined ? file?.claimed_at === claimedAt : file?.pid === pid;
  if (isSame && file?.service === service && file.cwd === place.cwd) return undefined;
  const found = file === undefined ? "there is none" : `${file.service} in ${file.cwd} has it`;
  return `the claim of ${service} in ${place.cwd} on ${port} was lost: ${found}`;
}

/** What is left of what a claim was made for. */
export interface Remains {
  owner: boolean;
  listener: boolean;
  /** Something that the owner started, which may be about to listen. */
  group: boolean;
}

/** Whether everything that used a claim has ended, so that the next call must remove it. */
export const isOver = ({ owner, listener, group }: Remains): boolean =>
  !owner && !listener && !group;

/**
 * Whether a claim that was over is still there. A call that the owner made before it ended may have acquired it again
 * meanwhile, and given it back as it was.
 */
export const isLeft = (
  over: { port: number; written: bigint },
  now: readonly { port: number; written: bigint }[],
): boolean => now.some(({ port, written }) => port === over.port && written === over.written);

/** What the guard was asked about. */
export interface GuardCase {
  denied: boolean;
  /** The asker started it. */
  own: boolean;
  /** Its agent lives. */
  live: boolean;
  /** It can be proven another's: by its tree, or by another checkout. */
  proven: boolean;
  /** It is of the asker's checkout, so it is the asker's once its agent has ended. */
  isFree: boolean;
}

export function misjudged(asked: GuardCase): string | undefined {
  const { denied, own, live, proven, isFree } = asked;
  if (denied && own) return "the guard denied an agent its own server";
  if (denied && !live && isFree) return "the guard denied a server that no live agent has";
  if (!denied && !own && live && proven) return "the guard let another live agent's server end";
  return undefined;
}

/** What a call may end: what matches every field. Any one place or agent matches where both are given. */
export interface Aim {
  server?: object;
  service?: string;
  port?: number;
  /** Servers of this checkout, or of this agent. */
  root?: string;
  worker?: object;
}

/** A server or a claim that a call may end; a server that starts has no port yet. */
export interface Aimed {
  service: string;
  place: { root: string };
  ports: readonly number[];
  worker?: object;
}

export function mayEnd({ server, service, port, root, worker }: Aim, aimed: Aimed): boolean {
  if (server !== undefined) return server === aimed;
  const isNear = root === undefined || aimed.place.root === root || aimed.worker === worker;
  const isMeant = port === undefined || aimed.ports.length === 0 || aimed.ports.includes(port);
  return isNear && isMeant && (service === undefined || aimed.service === service);
}

/** What portclaim keeps in its directory. */
const KEPT =
  /^(\.lock|\.pending|config\.toml|last-ports\.json|history\.jsonl(\.\d)?|claims(\/\d+\.json)?)$/;

/** Files that portclaim left where it documents none. */
export const leftBehind = (registry: readonly string[], temporary: readonly string[]): string[] => [
  ...registry.filter((name) => !KEPT.test(name)).map((name) => `${name} was left in the registry`),
  ...temporary.map((name) => `${name} was left in $TMPDIR`),
];
