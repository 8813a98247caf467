import { expect } from "bun:test";
import { release, type Target } from "../../../registry/maintain/release.ts";
import { RegistryError } from "../../../registry/model/errors.ts";
import { ASKERS, call } from "./caller.ts";
import { apply, checkFolder, type Fates } from "./ledger.ts";
import { isForeign, lives } from "./oracle.ts";
import { DIRECTORIES, type Held, pick, type Scene, SERVICES } from "./scene.ts";

export interface Releasing {
  agent: number;
  asker: (typeof ASKERS)[number];
  cwd: number;
  /** Releases a service by its name, else a port. */
  byService: boolean;
  target: number;
  force: boolean;
  dies: number | undefined;
}

/** Releases, and sees that exactly what was named goes, or nothing where it may not. */
export async function releaseStep(scene: Scene, releasing: Releasing): Promise<void> {
  const agent = pick(scene.agents(), releasing.agent);
  if (agent === undefined) return;
  const cwd = pick(DIRECTORIES, releasing.cwd) ?? "";
  const projectHere = cwd.slice(cwd.lastIndexOf("/") + 1);
  const { caller, end } = call(scene, agent, releasing.asker, cwd);
  const target = targetOf(scene, releasing);
  const { force } = releasing;
  const request = { target, here: { cwd, project: projectHere }, force };
  const broken = "port" in target && scene.broken.has(target.port) ? target.port : undefined;
  const may = (held: Held) =>
    force ||
    (!isForeign(scene, held) &&
      (!lives(scene, held) || held.cwd === cwd || isOwn(held, caller.owner.pid)));
  const named = select(scene, target, projectHere);
  const allowed = broken === undefined ? named !== undefined && named.every(may) : force;
  const fates: Fates = new Map([...scene.held.keys()].map((port) => [port, "stays"]));
  let outcome = "killed";
  try {
    await scene.machine.kill(releasing.dies ?? Infinity, async () => {
      await release(await scene.registry(), request, caller);
      outcome = "released";
    });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    outcome = error.reason.code;
  }
  scene.happened.add(`release ${outcome}`);
  if (outcome !== "killed") expect(outcome === "released").toBe(allowed);
  if (allowed && outcome !== "locked") {
    named?.forEach(({ port }) => fates.set(port, "goes"));
    if (broken !== undefined && scene.text(broken) === undefined) scene.broken.delete(broken);
  }
  apply(scene, fates, new Set(), outcome === "killed");
  checkFolder(scene);
  end();
}

const isOwn = (held: Held, pid: number) => held.pid === pid;

function targetOf(scene: Scene, { byService, target }: Releasing): Target {
  if (byService) return { service: pick(SERVICES, target) ?? "" };
  return { port: pick([...scene.held.keys(), ...scene.broken.keys(), 2999], target) ?? 0 };
}

/** The claims that are meant; `undefined` where nobody or nothing certain is. */
function select(scene: Scene, target: Target, projectHere: string): Held[] | undefined {
  const all = [...scene.held.values()];
  if ("port" in target) return some(all.filter(({ port }) => port === target.port));
  const named = all.filter(({ service }) => service === target.service);
  const here = named.filter(({ project }) => project === projectHere);
  if (here.length > 0) return here;
  return new Set(named.map(({ project }) => project)).size > 1 ? undefined : some(named);
}

const some = (list: Held[]) => (list.length > 0 ? list : undefined);
