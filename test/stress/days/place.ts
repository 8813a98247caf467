import { checkout, directory, git } from "../../git.ts";
import type { World } from "../../harness.ts";

/** A directory that agents work in. */
export interface Place {
  cwd: string;
  /** Its checkout. */
  root: string;
  /** The repository that its checkouts share. */
  repository: string;
}

const REPOSITORIES = ["shop", "blog"];
const WORKTREES = 2;

/** Two repositories with worktrees, one of them inside its main checkout, and a directory below each. */
export async function makePlaces(world: World): Promise<Place[]> {
  const places: Place[] = [];
  for (const name of REPOSITORIES) {
    const repository = await checkout(world, name);
    const roots = [repository];
    for (let i = 0; i < WORKTREES; i++) {
      const path = i === 0 ? `${repository}/trees/fix` : world.path(`${name}-${i}`);
      const branch = `${name}-branch-${i}`;
      await git(world, repository, "worktree", "add", "--quiet", "-b", branch, path);
      roots.push(path);
    }
    for (const root of roots) {
      places.push({ cwd: root, root, repository });
      const below = directory(world, `${root.slice(world.path("").length + 1)}/app`);
      places.push({ cwd: below, root, repository });
    }
  }
  return places;
}

/** The place of a directory that a claim names. */
export const placeAt = (places: readonly Place[], cwd: unknown): Place | undefined =>
  places.find((place) => place.cwd === cwd);
