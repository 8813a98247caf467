import { describe, expect, test } from "bun:test";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { checkout, claim, directory, git, hasGit, sleeper, worktree } from "../../git.ts";
import type { World } from "../../harness.ts";
import { PoolWorld } from "../../pool.ts";

/** A claim whose owner has exited: what remains of it is the memory of its port. */
async function past(world: World, cwd: string, ...args: string[]): Promise<number> {
  const owner = sleeper(world);
  const port = await claim(world, cwd, owner.pid, ...args);
  owner.kill("SIGKILL");
  await owner.exited;
  return port;
}

/** A claim of an owner that lives as long as the test. */
const lasting = (world: World, cwd: string, ...args: string[]) =>
  claim(world, cwd, sleeper(world).pid, ...args);

describe("a directory", () => {
  test("gets back the port that it had last, even if another owner had claimed it", async () => {
    await using world = new PoolWorld();
    const port = await past(world, world.cwd, "web", "--prefer", `${world.first + 7}`);
    expect(port).toBe(world.first + 7);
    expect(await lasting(world, world.cwd)).toBe(port);
  });

  test("gets back the last of several, for each service its own", async () => {
    await using world = new PoolWorld();
    await past(world, world.cwd, "web", "--prefer", `${world.first + 7}`);
    await past(world, world.cwd, "api", "--prefer", `${world.first + 8}`);
    await past(world, world.cwd, "web", "--prefer", `${world.first + 9}`);
    expect(await lasting(world, world.cwd, "api")).toBe(world.first + 8);
    expect(await lasting(world, world.cwd, "web")).toBe(world.first + 9);
  });

  test("gets another port while something listens on that one, or has claimed it", async () => {
    await using world = new PoolWorld();
    const port = await past(world, world.cwd, "web", "--prefer", `${world.first + 7}`);
    await world.listen(port);
    expect(await lasting(world, world.cwd)).toBe(world.first);
    await using other = new PoolWorld();
    const claimed = await lasting(other, other.cwd);
    expect(await lasting(other, other.cwd)).toBe(claimed + 1);
  });

  test("doesn't get back a port that was released", async () => {
    await using world = new PoolWorld();
    const port = await lasting(world, world.cwd, "web", "--prefer", `${world.first + 7}`);
    expect((await world.run(["release", `${port}`])).code).toBe(0);
    expect(await lasting(world, world.cwd)).toBe(world.first);
  });
});

describe("a port that another directory had last", () => {
  test("is left to it while other ports are free", async () => {
    await using world = new PoolWorld();
    const [one, two] = [directory(world, "one"), directory(world, "two")];
    expect(await past(world, one)).toBe(world.first);
    expect(await past(world, two)).toBe(world.first + 1);
    expect(await past(world, world.cwd)).toBe(world.first + 2);
    expect(await lasting(world, two)).toBe(world.first + 1);
    expect(await lasting(world, one)).toBe(world.first);
  });

  test("is left to another service of the same directory likewise", async () => {
    await using world = new PoolWorld();
    expect(await past(world, world.cwd, "web")).toBe(world.first);
    expect(await lasting(world, world.cwd, "api")).toBe(world.first + 1);
    expect(await lasting(world, world.cwd, "web")).toBe(world.first);
  });

  test("is taken if no other port is free, and then remembered for the new directory", async () => {
    await using world = new PoolWorld();
    world.configure(world.pool(2));
    const [one, two] = [directory(world, "one"), directory(world, "two")];
    await past(world, one);
    expect(await lasting(world, two)).toBe(world.first + 1);
    expect(await past(world, world.cwd)).toBe(world.first);
    world.configure(world.pool());
    expect(await lasting(world, one)).toBe(world.first + 2);
    expect(await lasting(world, world.cwd)).toBe(world.first);
  });

  test("is given to a caller that prefers it", async () => {
    await using world = new PoolWorld();
    const port = await past(world, directory(world, "one"));
    expect(await lasting(world, world.cwd, "web", "--prefer", `${port}`)).toBe(port);
  });

  test.each<[string, (path: string) => void]>([
    ["was deleted", (path) => rmSync(path, { recursive: true })],
    ["was renamed", (path) => renameSync(path, `${path}-now`)],
    [
      "is a file by now",
      (path) => {
        rmSync(path, { recursive: true });
        writeFileSync(path, "");
      },
    ],
  ])("is free to take once that directory %s", async (_, happen) => {
    await using world = new PoolWorld();
    const one = directory(world, "one");
    const port = await past(world, one);
    happen(one);
    expect(await lasting(world, world.cwd)).toBe(port);
  });
});

describe.if(hasGit)("a linked worktree", () => {
  /** A pool whose `web` prefers the sixth port, a main checkout, and a linked worktree. */
  async function scene() {
    const world = new PoolWorld();
    const preferred = world.first + 5;
    world.configure(`${world.pool()}[services.web]\nport = ${preferred}\n`);
    const main = await checkout(world, "shop");
    return { world, preferred, main, linked: await worktree(world, main, "feature") };
  }

  test("leaves the port that the config prefers to the main checkout, and says so", async () => {
    const { world, preferred, main, linked } = await scene();
    await using _ = world;
    const { pid } = sleeper(world);
    const asked = ["acquire", "web", "--pid", `${pid}`];
    const { out, err } = await world.run(asked, { cwd: linked });
    expect(out).toBe(`${preferred + 1}\n`);
    expect(err).toContain(`${preferred} is kept`);
    expect(await lasting(world, main)).toBe(preferred);
  });

  test("leaves the port of its project in the config likewise", async () => {
    const { world, preferred, main, linked } = await scene();
    await using _ = world;
    world.configure(`${world.pool()}[projects.shop]\nprefer = ${preferred}\n`);
    expect(await lasting(world, linked, "api", "--project", "shop")).toBe(preferred + 1);
    expect(await lasting(world, directory(world, "shop/src"), "api", "--project", "shop")).toBe(
      preferred,
    );
    expect(await lasting(world, main, "api")).not.toBe(preferred);
  });

  test("takes that port if it asks for it", async () => {
    const { world, preferred, main, linked } = await scene();
    await using _ = world;
    expect(await past(world, linked, "web", "--exact")).toBe(preferred);
    expect(await lasting(world, linked, "web", "--prefer", `${preferred}`)).toBe(preferred);
    expect(await lasting(world, main)).toBe(preferred + 1);
  });

  test("isn't told that the port which it got is kept", async () => {
    const { world, preferred, linked } = await scene();
    await using _ = world;
    await past(world, linked, "web", "--prefer", `${preferred}`);
    const asked = ["acquire", "web", "--pid", `${sleeper(world).pid}`];
    const { out, err } = await world.run(asked, { cwd: linked });
    expect({ out, err }).toEqual({ out: `${preferred}\n`, err: "" });
  });

  test("keeps a port of its own, as every other worktree does", async () => {
    const { world, preferred, main, linked } = await scene();
    await using _ = world;
    const other = await worktree(world, main, "fix");
    expect(await past(world, linked)).toBe(preferred + 1);
    expect(await past(world, other)).toBe(preferred + 2);
    expect(await past(world, main)).toBe(preferred);
    for (const [cwd, port] of [
      [other, 2],
      [linked, 1],
      [main, 0],
    ] as const) {
      expect(await lasting(world, cwd)).toBe(preferred + port);
    }
  });

  test("of a bare repository gets the preferred port, since there is no main checkout", async () => {
    const { world, preferred, main } = await scene();
    await using _ = world;
    await git(world, main, "clone", "--quiet", "--bare", ".", world.path("shop.git"));
    const cwd = await worktree(world, world.path("shop.git"), "only");
    expect(await lasting(world, cwd)).toBe(preferred);
  });
});
