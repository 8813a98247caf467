import type { State } from "../../registry/model/claim.ts";
import type { FakeProcess } from "../fake-machine.ts";
import { CONTAINER, type Held, type Scene } from "./scene.ts";

/** What a call does to a claim that it isn't about. */
export type Fate = "stays" | "goes" | { follows: FakeProcess };

/** Seconds in which a claim made from its owner's own group is awaited in any case. */
const JUST_CLAIMED = 10;

export function lives({ machine }: Scene, { pid, start, boot, asker }: Held): boolean {
  const process = machine.processes.get(pid);
  if (process === undefined || process.ended || asker.startsWith("another")) return false;
  if (asker === "unknown") return true;
  return boot === machine.where.boot && process.start === start;
}

/** Whether it can't be known here if its owner is alive. */
export function isForeign({ machine }: Scene, { asker, boot }: Held): boolean {
  if (asker !== "another container") return asker === "another host";
  const inside = [...machine.processes.values()].some(
    ({ namespaces }) => namespaces.pid === CONTAINER,
  );
  return boot === machine.where.boot && inside;
}

/** Seconds: awake ones of this boot, else those of the wall clock. */
export function age({ machine }: Scene, { at, boot, wall }: Held): number {
  const awake = at !== undefined && boot === machine.where.boot;
  const seconds = awake ? machine.awake - at : (machine.wall - wall) / 1e6;
  return Math.max(0, Math.round(seconds * 1000) / 1000);
}

/** The processes in a claim's group; none if its number is a later group's, or of another boot. */
function members({ machine }: Scene, { group, asked = 0, boot }: Held): FakeProcess[] {
  const leader = machine.processes.get(group ?? 0);
  if (boot !== machine.where.boot || (leader && leader.start > asked)) return [];
  return [...machine.processes.values()].filter((process) => process.group === group);
}

const shellLives = ({ machine }: Scene, { shell }: Held) =>
  shell !== undefined && machine.processes.get(shell.pid)?.start === shell.start;

/** Whether a process may be about to bind the port of a claim whose owner ended. */
function awaitedStill(scene: Scene, held: Held): boolean {
  const { asker, group, asked = 0, boot } = held;
  if (held.serves) return false;
  if (asker === "throwaway shell") return members(scene, held).length > 0;
  if (group === undefined || boot !== scene.machine.where.boot) return false;
  if (age(scene, held) < JUST_CLAIMED || shellLives(scene, held)) return true;
  return members(scene, held).some(({ start, pid }) => start >= asked && !scene.isLineage(pid));
}

/** Whether a process may be about to bind the port of a claim that its owner asks for again. */
export function awaited(scene: Scene, held: Held): boolean {
  const { isLineage } = scene;
  const { asker, asked = 0, shell, pid } = held;
  if (asker === "throwaway shell") return members(scene, held).length > 0;
  if (age(scene, held) < JUST_CLAIMED) return true;
  if (asker === "unknown") return false;
  if (shellLives(scene, held) && !isLineage(shell?.pid ?? 0)) return true;
  const own = scene.machine.processes.get(pid)?.group;
  return [...scene.machine.processes.values()].some(
    (process) =>
      process.start >= asked &&
      !isLineage(process.pid) &&
      (process.group === own || ancestry(scene, process).some((above) => above.pid === pid)),
  );
}

function ancestry(scene: Scene, process: FakeProcess): FakeProcess[] {
  const parent = scene.machine.processes.get(process.parent);
  return parent === undefined ? [process] : [process, ...ancestry(scene, parent)];
}

/** Whether what serves a claim started a process within the grace, as a supervisor does. */
function restarting(scene: Scene, held: Held, grace: number): boolean {
  const { machine, isLineage } = scene;
  const isNew = ({ pid, start }: FakeProcess) =>
    pid !== held.pid && (machine.startClock() - start) / 100 < grace;
  if (held.asker === "throwaway shell") {
    return members(scene, held).some((process) => isNew(process) && !isLineage(process.pid));
  }
  return [...machine.processes.values()].some(
    (process) =>
      held.serves && isNew(process) && ancestry(scene, process).some(({ pid }) => pid === held.pid),
  );
}

/** Whether the claim covers a process: its owner's descendant, in its group or its directory. */
function covers(scene: Scene, held: Held, process: FakeProcess): boolean {
  const { cwd } = held;
  return (
    (lives(scene, held) && ancestry(scene, process).some(({ pid }) => pid === held.pid)) ||
    members(scene, held).includes(process) ||
    (cwd !== undefined && `${process.cwd}/`.startsWith(`${cwd}/`))
  );
}

const listenersOn = ({ machine }: Scene, port: number) =>
  machine.sockets
    .filter((socket) => socket.port === port)
    .map(({ pid }) => machine.processes.get(pid ?? 0));

/** Whether every listener on the port can be seen, and none belongs to the claim. */
function occupied(scene: Scene, held: Held): boolean {
  const all = listenersOn(scene, held.port);
  return all.every((process) => process !== undefined && !covers(scene, held, process));
}

export function state(scene: Scene, held: Held, grace = scene.config.grace): State {
  if (isForeign(scene, held)) return "unknown";
  const young = age(scene, held) < grace;
  if (lives(scene, held)) {
    if (scene.isBound(held.port)) return occupied(scene, held) ? "occupied" : "listening";
    return young || restarting(scene, held, grace) ? "starting" : "idle";
  }
  if (scene.isBound(held.port)) return occupied(scene, held) ? "dead" : "orphaned";
  return young && awaitedStill(scene, held) ? "starting" : "dead";
}

/** What every acquire does to the claims that it finds: dead ones go, orphaned ones follow their server. */
export function settled(scene: Scene, held: Held, grace?: number): Fate {
  const now = state(scene, held, grace);
  if (now === "dead") return "goes";
  return now === "orphaned" ? inherited(scene, held) : "stays";
}

function inherited(scene: Scene, held: Held): Fate {
  const all = listenersOn(scene, held.port);
  const covered = all
    .filter((process) => process !== undefined)
    .filter((process) => covers(scene, held, process))
    .toSorted((a, b) => a.start - b.start);
  const [oldest] = covered;
  if (oldest === undefined) return all.includes(undefined) ? "stays" : "goes";
  const line = ancestry(scene, oldest);
  const above = line.findIndex((each) => each.group !== oldest.group || each.pid === 1);
  return { follows: line[(above < 0 ? line.length : above) - 1] ?? oldest };
}

export interface Reaping {
  grace?: number;
  maxAge?: number;
  lease?: Held["lease"];
}

/** What `reap` does to a claim. */
export function reaped(scene: Scene, held: Held, { grace, maxAge, lease }: Reaping): Fate {
  if (lease !== undefined && held.lease !== lease) return "stays";
  const now = state(scene, held, grace);
  if (now === "dead" || now === "orphaned") return settled(scene, held, grace);
  if (now === "unknown" || held.lease === "persistent") return "stays";
  const old = maxAge !== undefined && (scene.machine.wall - held.wall) / 1e6 > maxAge;
  return old || now === "idle" ? "goes" : "stays";
}

/** What `doctor` does to a claim. */
export function doctored(scene: Scene, held: Held, grace?: number): Fate {
  return state(scene, held, grace) === "idle" ? "goes" : settled(scene, held, grace);
}
