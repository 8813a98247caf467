import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { thisMachine } from "../../../native/machine.ts";
import { findCheckout, locate } from "../../../registry/config/checkout.ts";
import { checkout, directory, git, hasGit, marked, worktree } from "../../git.ts";
import { World } from "../../harness.ts";

const find = (world: World, path: string, ...shared: string[]) =>
  findCheckout(thisMachine(), path, new Set([world.path(""), ...shared]));

/** A directory whose `.git` is a file with this text. */
function withGitFile(world: World, text: string): string {
  const path = directory(world, "broken");
  writeFileSync(`${path}/.git`, text);
  return path;
}

describe.if(hasGit)("with git", () => {
  test("a checkout is found from its root and from any directory below", async () => {
    await using world = new World();
    const root = await checkout(world, "shop");
    const below = directory(world, "shop/packages/web");
    expect(find(world, root)).toEqual({ root, linked: false });
    expect(find(world, below)).toEqual({ root, linked: false });
    expect(find(world, world.cwd)).toBeUndefined();
  });

  test("a linked worktree names the main checkout, wherever that is", async () => {
    await using world = new World();
    const repository = await checkout(world, "shop");
    for (const name of ["feature", "shop/.worktrees/fix"]) {
      const root = await worktree(world, repository, name);
      expect(find(world, root)).toEqual({ root, repository, linked: true });
      expect(find(world, directory(world, `${name}/src`))).toEqual({
        root,
        repository,
        linked: true,
      });
    }
    expect(find(world, repository)).toEqual({ root: repository, linked: false });
  });

  test("a linked worktree whose paths are relative names the same main checkout", async () => {
    await using world = new World();
    const repository = await checkout(world, "shop");
    const root = await worktree(world, repository, "feature");
    writeFileSync(`${root}/.git`, "gitdir: ../shop/.git/worktrees/feature\n");
    expect(find(world, root)).toEqual({ root, repository, linked: true });
  });

  test("a worktree of a bare repository names that, and isn't secondary to a main checkout", async () => {
    await using world = new World();
    const repository = world.path("shop.git");
    await git(world, await checkout(world, "shop"), "clone", "--quiet", "--bare", ".", repository);
    const root = await worktree(world, repository, "feature");
    expect(find(world, root)).toEqual({ root, repository, linked: false });
  });

  test("so is a worktree of a bare repository that is named .git", async () => {
    await using world = new World();
    const repository = directory(world, "bare");
    const source = await checkout(world, "shop");
    await git(world, source, "clone", "--quiet", "--bare", ".", `${repository}/.git`);
    const root = await worktree(world, repository, "bare/feature");
    expect(find(world, root)).toEqual({ root, repository, linked: false });
  });

  test("a bare repository isn't a checkout itself", async () => {
    await using world = new World();
    const path = directory(world, "shop.git");
    await git(world, path, "init", "--quiet", "--bare");
    expect(find(world, path)).toBeUndefined();
    expect(find(world, `${path}/refs`)).toBeUndefined();
  });

  test("a submodule is a checkout of its own, and not one of the repository around it", async () => {
    await using world = new World();
    const library = await checkout(world, "library");
    const shop = await checkout(world, "shop");
    const local = ["-c", "protocol.file.allow=always"];
    await git(world, shop, ...local, "submodule", "--quiet", "add", library, "vendor/library");
    const root = `${shop}/vendor/library`;
    const repository = `${shop}/.git/modules/vendor/library`;
    expect(find(world, root)).toEqual({ root, repository, linked: false });
    expect(find(world, `${shop}/vendor`)).toEqual({ root: shop, linked: false });
    const fix = await worktree(world, root, "library-fix");
    expect(find(world, fix)).toEqual({ root: fix, repository, linked: true });
    await git(world, shop, "commit", "--quiet", "--message", "library");
    const feature = await worktree(world, shop, "feature");
    await git(world, feature, ...local, "submodule", "--quiet", "update", "--init");
    const inner = `${feature}/vendor/library`;
    expect(find(world, inner)).toEqual({ root: inner, repository, linked: true });
  });

  test("a checkout whose repository is in another place names that, as its worktrees do", async () => {
    await using world = new World();
    const root = directory(world, "shop");
    const repository = world.path("elsewhere");
    await git(world, root, "init", "--quiet", "--separate-git-dir", repository);
    await git(world, root, "commit", "--quiet", "--allow-empty", "--message", "first");
    expect(find(world, root)).toEqual({ root, repository, linked: false });
    const fix = await worktree(world, root, "fix");
    expect(find(world, fix)).toEqual({ root: fix, repository, linked: true });
  });

  test("a worktree whose repository was deleted is a plain checkout", async () => {
    await using world = new World();
    const repository = await checkout(world, "shop");
    const root = await worktree(world, repository, "feature");
    await world.exec(["rm", "-r", repository]);
    expect(find(world, root)).toEqual({ root, linked: false });
  });
});

describe("a .git file that is broken leaves a plain checkout:", () => {
  test.each([
    ["empty", ""],
    ["of other words", "hello\n"],
    ["without a path", "gitdir: \n"],
    ["of several lines", "gitdir: a\nb"],
    ["naming what isn't there", "gitdir: /nowhere/at/all\n"],
    ["naming a file", "gitdir: .git\n"],
    ["naming itself", "gitdir: .\n"],
    ["with a name that is too long", `gitdir: ${"x".repeat(3000)}\n`],
    ["longer than any path", `gitdir: ${"x/".repeat(5000)}\n`],
    ["with a zero byte", "gitdir: a\0b\n"],
  ])("%s", async (_, text) => {
    await using world = new World();
    const root = withGitFile(world, text);
    expect(find(world, root)).toEqual({ root, linked: false });
  });

  test("naming a repository whose commondir is a directory", async () => {
    await using world = new World();
    const root = withGitFile(world, "gitdir: odd\n");
    mkdirSync(`${root}/odd/commondir`, { recursive: true });
    expect(find(world, root)).toEqual({ root, linked: false });
  });

  test("naming a repository whose commondir is a link, which isn't followed", async () => {
    await using world = new World();
    const root = withGitFile(world, "gitdir: odd\n");
    mkdirSync(`${root}/odd`);
    symlinkSync("/etc/hostname", `${root}/odd/commondir`);
    expect(find(world, root)).toEqual({ root, linked: false });
  });

  test("and every command still works in it", async () => {
    await using world = new World();
    const cwd = withGitFile(world, `gitdir: ${"x".repeat(3000)}\n`);
    const { code, out } = await world.run(["acquire", "web"], { cwd });
    expect(code).toBe(0);
    expect(await world.claim(Number(out))).toMatchObject({ root: cwd });
    expect(await world.list()).toMatchObject([{ port: Number(out) }]);
  });
});

describe("without git", () => {
  test("a directory with portclaim.toml is a checkout", async () => {
    await using world = new World();
    const root = directory(world, "shop");
    writeFileSync(`${root}/portclaim.toml`, "");
    expect(find(world, directory(world, "shop/src"))).toEqual({ root, linked: false });
  });

  test("the nearest mark upward counts", async () => {
    await using world = new World();
    const outer = marked(world, "shop");
    const root = directory(world, "shop/inner");
    writeFileSync(`${root}/portclaim.toml`, "");
    expect(find(world, directory(world, "shop/inner/src"))?.root).toBe(root);
    expect(find(world, directory(world, "shop/other"))?.root).toBe(outer);
  });

  test("a mark in a directory that everyone may write to doesn't count", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    expect(find(world, root)?.root).toBe(root);
    chmodSync(root, 0o777);
    expect(find(world, root)).toBeUndefined();
  });

  test("a mark in a shared directory doesn't count, but one above it does", async () => {
    await using world = new World();
    const outer = marked(world, "shop");
    const shared = marked(world, "shop/home");
    expect(find(world, shared)?.root).toBe(shared);
    expect(find(world, shared, shared)?.root).toBe(outer);
  });

  test("a call is located by its directory, the project that it names, and its checkout", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const cwd = directory(world, "shop/src");
    const at = (path: string) =>
      locate({ machine: thisMachine(), shared: new Set([world.path("")]) }, path);
    expect(at(cwd)).toEqual({ cwd, project: "src", checkout: { root, linked: false } });
    expect(at(world.cwd)).toEqual({ cwd: world.cwd, project: "my-app", checkout: undefined });
  });
});
