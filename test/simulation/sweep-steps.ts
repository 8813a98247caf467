import { expect } from "bun:test";
import { doctor } from "../../registry/maintain/doctor.ts";
import { reap } from "../../registry/maintain/reap.ts";
import { apply, checkFolder, decide } from "./ledger.ts";
import { doctored, reaped, type Reaping } from "./oracle.ts";
import type { Scene } from "./scene.ts";

interface Sweeping {
  dryRun: boolean;
  dies: number | undefined;
}

/** Reaps, and checks that the claims that had to go are gone, and no others. */
export async function reapStep(scene: Scene, reaping: Reaping & Sweeping): Promise<void> {
  const { grace, maxAge, lease, dryRun, dies = Infinity } = reaping;
  const asked = {
    ...(grace !== undefined && { grace }),
    ...(maxAge !== undefined && { maxAge }),
    ...(lease && { lease }),
  };
  const fates = decide(scene, (held) => (dryRun ? "stays" : reaped(scene, held, asked)));
  const registry = await scene.registry();
  const finished = await scene.machine.kill(dies, () => reap(registry, { ...asked, dryRun }));
  scene.happened.add(`reap ${finished ? "done" : "killed"}`);
  apply(scene, fates, new Set(), finished === undefined);
  checkFolder(scene);
}

/** Unreadable files younger than this many seconds may still be in use. */
const SETTLED = 2;

/** Runs doctor, which also removes what killed writers left and quarantines unreadable files. */
export async function doctorStep(
  scene: Scene,
  { grace, dryRun, dies = Infinity }: Sweeping & { grace?: number },
): Promise<void> {
  const fates = decide(scene, (held) => (dryRun ? "stays" : doctored(scene, held, grace)));
  const aside = [...scene.broken].filter(
    ([port, { wall }]) =>
      !dryRun && !scene.isBound(port) && Math.abs(scene.machine.wall - wall) / 1e6 >= SETTLED,
  );
  const request = { dryRun, ...(grace !== undefined && { grace }) };
  const registry = await scene.registry();
  const finished = await scene.machine.kill(dies, () => doctor(registry, request));
  scene.happened.add(`doctor ${finished ? "done" : "killed"}`);
  for (const [port] of aside) {
    if (finished) expect(scene.text(port)).toBeUndefined();
    if (scene.text(port) === undefined) scene.broken.delete(port);
  }
  apply(scene, fates, new Set(), finished === undefined);
  checkFolder(scene);
  const temporary = [...scene.machine.memory.nodes.keys()].filter((path) => path.endsWith(".tmp"));
  if (finished && !dryRun) expect(temporary).toEqual([]);
}
