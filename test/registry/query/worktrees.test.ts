import { describe, expect, test } from "bun:test";
import { checkout, directory, git, hasGit, serve } from "../../git.ts";
import { World } from "../../harness.ts";

const DIRECTORIES = ["", "/apps", "/apps/api", "/apps/web", "/packages/ui"];

/** A monorepo in `main/mono` and a worktree of it in `fix/mono`, with a server for `api` in each. */
async function monorepo(world: World) {
  const main = await checkout(world, "main/mono");
  directory(world, "fix");
  const fix = world.path("fix/mono");
  await git(world, main, "worktree", "add", "--quiet", "-b", "fix", fix);
  for (const below of DIRECTORIES) {
    for (const root of ["main/mono", "fix/mono"]) directory(world, `${root}${below}`);
  }
  const servers = new Map<string, Awaited<ReturnType<typeof serve>>>();
  for (const root of [main, fix]) servers.set(root, await serve(world, `${root}/apps/api`, "api"));
  return { main, fix, servers };
}

describe.if(hasGit)("of two worktrees with the same base name", () => {
  test.each(DIRECTORIES)("every command in %j means its own server", async (below) => {
    await using world = new World();
    const { main, fix, servers } = await monorepo(world);
    const web = await serve(world, `${main}/apps/web`);
    for (const root of [main, fix]) {
      const port = servers.get(root)?.port;
      const run = (...args: string[]) => world.run(args, { cwd: `${root}${below}` });
      expect(await run("find", "api")).toMatchObject({ code: 0, out: `${port}\n` });
      expect(await run("acquire", "api", "--reuse")).toMatchObject({ code: 0, out: `${port}\n` });
      expect((await run("wait", "api", "--json", "--timeout", "20s")).out).toContain(`${port}`);
      const found = root === main ? { code: 0, out: `${web.port}\n` } : { code: 4, out: "" };
      expect(await run("find", "web")).toMatchObject(found);
    }
    const cwd = `${fix}${below}`;
    for (const args of [
      ["stop", "web"],
      ["release", "web"],
    ]) {
      expect(await world.run(args, { cwd })).toMatchObject({ code: 4, out: "" });
    }
    const { port, server } = servers.get(fix) ?? web;
    const { code, out } = await world.run(["stop", "api", "--json"], { cwd });
    expect([code, JSON.parse(out)]).toMatchObject([0, { port, ended: [{ pid: server.pid }] }]);
    const released = await world.run(["release", "api", "--force"], { cwd: `${main}${below}` });
    expect(released.code).toBe(0);
    expect(await world.list()).toMatchObject([{ port: web.port, state: "listening" }]);
    expect(servers.get(main)?.server.exitCode).toBeNull();
  });
});
