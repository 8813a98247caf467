import { expect } from "bun:test";
import { RegistryError } from "../../registry/errors/errors.ts";
import { release, type Target } from "../../registry/maintain/release.ts";
import { ASKERS, call } from "./caller.ts";
import { apply, checkFolder, type Fates } from "./ledger.ts";
import { isForeign, lives, state } from "./oracle.ts";
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

/** Releases, and checks that exactly the named claims go, or none if they may not. */
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
      ((!lives(scene, held) && state(scene, held) !== "orphaned") ||
        (lives(scene, held) && isOwn(held, caller.owner.pid)) ||
        (held.cwd === cwd && (held.serves || state(scene, held) !== "listening"))));
  const named = select(scene, target, cwd, caller.owner.pid);
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

/** The claim that is meant; `undefined` where none is, or several are. */
function select(scene: Scene, target: Target, cwd: string, pid: number): Held[] | undefined {
  const all = [...scene.held.values()];
  if ("port" in target) return only(all.filter(({ port }) => port === target.port));
  const named = all.filter(({ service }) => service === target.service);
  const live = named.filter((held) => state(scene, held) !== "dead");
  const own = live.filter((held) => lives(scene, held) && isOwn(held, pid));
  if (own.length === 1) return own;
  const here = live.filter((held) => held.cwd === cwd);
  if (here.length > 0) return only(here);
  const [dead] = named.filter((held) => held.cwd === cwd).toSorted((a, b) => a.port - b.port);
  return dead && [dead];
}

const only = (list: Held[]) => (list.length === 1 ? list : undefined);
