import { expect } from "bun:test";
import type { Claim } from "../../registry/model/claim.ts";
import { listClaims } from "../../registry/query/list.ts";
import type { FakeProcess } from "../fake-machine.ts";
import { type Fate, state } from "./oracle.ts";
import type { Held, Scene } from "./scene.ts";

/** What a hand-over may change: all else, known or not, must survive as it was. */
const CHANGED_BY_HANDOVER = ["pid", "owner"];
const CHANGED_OF_OWNER =
  "command start boot pidns netns host group at asked shell throwaway serves".split(" ");

/** What must happen to each claim, decided before the call that does it. */
export type Fates = Map<number, Fate>;

export function decide(scene: Scene, fate: (held: Held) => Fate): Fates {
  return new Map([...scene.held].map(([port, held]) => [port, fate(held)]));
}

/**
 * Compares the files with the fates, port by port, and records the new state. `granted` ports have been
 * checked already. A call that was killed may have got to any of them, or not yet.
 */
export function apply(scene: Scene, fates: Fates, granted: ReadonlySet<number>, killed: boolean) {
  for (const [port, fate] of fates) {
    const held = scene.held.get(port);
    if (held === undefined || granted.has(port)) continue;
    const text = scene.text(port);
    if (killed && text === held.text) continue;
    if (fate === "goes") {
      expect(`${port} ${text === undefined ? "is gone" : text}`).toBe(`${port} is gone`);
      scene.held.delete(port);
      scene.happened.add("reaped");
    } else if (fate === "stays") expect(`${port} ${text}`).toBe(`${port} ${held.text}`);
    else follow(scene, held, fate.follows, text);
  }
}

const without = (names: readonly string[], object: object = {}) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

function follow(scene: Scene, held: Held, adopter: FakeProcess, text: string | undefined): void {
  const before = JSON.parse(held.text) as Claim;
  const after = JSON.parse(text ?? "null") as Claim;
  const { owner, pid } = after;
  expect(without(CHANGED_BY_HANDOVER, after)).toEqual(without(CHANGED_BY_HANDOVER, before));
  expect(without(CHANGED_OF_OWNER, owner)).toEqual(without(CHANGED_OF_OWNER, before.owner));
  expect({ pid, start: owner?.start }).toEqual({ pid: adopter.pid, start: String(adopter.start) });
  const { machine } = scene;
  scene.happened.add("handed over");
  const sameBoot = held.boot === machine.where.boot && held.at !== undefined;
  scene.held.set(held.port, {
    ...held,
    pid: adopter.pid,
    start: adopter.start,
    boot: machine.where.boot,
    asker: "own group",
    group: adopter.group,
    shell: undefined,
    serves: true,
    at: sameBoot ? held.at : machine.awake,
    asked: machine.startClock(),
    text: text ?? "",
  });
}

/** Broken files keep their ports, and there are no files that the scene does not know. */
export function checkFolder(scene: Scene): void {
  const known = [...scene.held.keys(), ...scene.broken.keys()].map((port) => `${port}.json`);
  const names = [...scene.files().keys()].filter((name) => !name.endsWith(".tmp"));
  expect(names.toSorted()).toEqual(known.toSorted());
  for (const [port, { text }] of scene.broken) expect(scene.text(port)).toBe(text);
}

/** Reads the registry as `list` does, and checks that every claim is there, in the right state. */
export async function look(scene: Scene): Promise<void> {
  const { claims, unreadable } = listClaims(await scene.registry());
  const states = claims.map((claim) => `${claim.port} ${claim.state}`);
  const known = [...scene.held.values()].map((held) => `${held.port} ${state(scene, held)}`);
  expect(states).toEqual(known.toSorted());
  expect(unreadable.map(({ port }) => port)).toEqual([...scene.broken.keys()].toSorted());
}
