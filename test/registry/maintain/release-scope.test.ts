import { describe, expect, test } from "bun:test";
import { locate } from "../../../registry/config/checkout.ts";
import { release as releaseClaims } from "../../../registry/maintain/release.ts";
import { openRegistry } from "../../../registry/store/registry.ts";
import { checkout, claim, directory, hasGit, marked, serve, sleeper, worktree } from "../../git.ts";
import { until, World } from "../../harness.ts";

/** The ports that a release freed. */
async function release(world: World, cwd: string, ...args: string[]): Promise<number[]> {
  const { out, err } = await world.run(["release", ...args, "--json"], { cwd });
  expect(err).toBe("");
  return (JSON.parse(out) as { port: number }[]).map(({ port }) => port);
}

/** What a release is refused with: "CODE (EXIT): MESSAGE". */
async function refusal(world: World, cwd: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await world.run(["release", ...args, "--json"], { cwd });
  expect(out).toBe("");
  const { error } = JSON.parse(err) as { error: { code: string; message: string } };
  return `${error.code} (${code}): ${error.message}`;
}

const ports = async (world: World) => (await world.list()).map(({ port }) => port);

/** Starts an owner, claims for it, and ends it. */
async function exited(world: World, cwd: string, ...args: string[]): Promise<number> {
  const owner = sleeper(world);
  const port = await claim(world, cwd, owner.pid, ...args);
  owner.kill("SIGKILL");
  await owner.exited;
  await until("its owner has exited", async () =>
    (await world.list()).some((view) => view.port === port && view.state === "dead"),
  );
  return port;
}

test("of several claims in one directory, the port of one has to be named", async () => {
  await using world = new World();
  const owners = [sleeper(world), sleeper(world)];
  for (const { pid } of owners) await claim(world, world.cwd, pid);
  const { code, err } = await world.run(["release", "web", "--text"]);
  expect([code, err]).toEqual([4, expect.stringContaining("hint: name the port")]);
});

describe("a service that is released by name", () => {
  test("is this directory's, though the checkout and other projects have it too", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const { pid } = sleeper(world);
    const outer = await claim(world, root, pid);
    const inner = await claim(world, directory(world, "shop/admin"), pid);
    const other = await claim(world, world.cwd, pid);
    expect(await release(world, world.path("shop/admin"), "web")).toEqual([inner]);
    expect(await ports(world)).toEqual([outer, other].toSorted());
  });

  test("is this checkout's, released from any of its directories", async () => {
    await using world = new World();
    marked(world, "shop");
    const { pid } = sleeper(world);
    const port = await claim(world, directory(world, "shop/admin"), pid);
    const other = await claim(world, world.cwd, pid);
    expect(await release(world, directory(world, "shop/store"), "web")).toEqual([port]);
    expect(await ports(world)).toEqual([other]);
  });

  test("is never that of another place, which the error names", async () => {
    await using world = new World();
    const port = await claim(world, world.cwd, sleeper(world).pid);
    for (const force of [[], ["--force"]]) {
      const refused = await refusal(world, marked(world, "shop"), "web", ...force);
      expect(refused).toStartWith("not-found (4)");
      expect(refused).toContain(`${port} `);
      expect(refused).toContain(world.cwd);
    }
    expect(await ports(world)).toEqual([port]);
  });

  test.if(hasGit)("is never another worktree's", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const linked = await worktree(world, main, "feature");
    const inner = await worktree(world, main, "shop/.worktrees/fix");
    const { pid } = sleeper(world);
    const port = await claim(world, main, pid);
    const theirs = await claim(world, inner, pid);
    expect(await refusal(world, linked, "web")).toStartWith("not-found (4)");
    expect(await release(world, main, "web")).toEqual([port]);
    expect(await refusal(world, main, "web")).toStartWith("not-found (4)");
    expect(await ports(world)).toEqual([theirs]);
  });

  test("is none of several in one directory, and the error names all of them, as with stop", async () => {
    await using world = new World();
    const both = [
      await claim(world, world.cwd, sleeper(world).pid),
      (await serve(world, world.cwd)).port,
    ];
    for (const command of ["release", "stop"]) {
      const { code, out, err } = await world.run([command, "web"]);
      expect({ code, out }).toEqual({ code: 4, out: "" });
      for (const port of both) expect(err).toContain(`${port} `);
    }
    expect(await ports(world)).toEqual(both.toSorted());
  });

  test("is the caller's own of several in one directory", async () => {
    await using world = new World();
    const theirs = await claim(world, world.cwd, sleeper(world).pid);
    const own = await world.acquire("web");
    expect(await release(world, world.cwd, "web")).toEqual([own]);
    expect(await ports(world)).toEqual([theirs]);
  });
});

describe("a claim of another owner that lives", () => {
  test("elsewhere is refused by port and by project, and freed by force alone", async () => {
    await using world = new World();
    const shop = marked(world, "shop");
    const owner = sleeper(world);
    const port = await claim(world, world.cwd, owner.pid);
    for (const target of [[`${port}`], ["--project", "my-app"], ["web", "--project", "my-app"]]) {
      const refused = await refusal(world, shop, ...target);
      expect(refused).toStartWith("not-owner (1)");
      expect(refused).toContain(`pid ${owner.pid}`);
      expect(refused).toContain(world.cwd);
    }
    expect(await release(world, shop, `${port}`, "--force")).toEqual([port]);
    expect(await ports(world)).toEqual([]);
  });

  test.if(hasGit)("in another worktree is refused by port", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const linked = await worktree(world, main, "feature");
    const port = await claim(world, main, sleeper(world).pid);
    expect(await refusal(world, linked, `${port}`)).toStartWith("not-owner (1)");
    expect(await release(world, main, `${port}`)).toEqual([port]);
  });

  test("in the home directory is refused there too, since that isn't a project", async () => {
    await using world = new World();
    const port = await claim(world, world.path(""), sleeper(world).pid);
    expect(await refusal(world, world.path(""), `${port}`)).toStartWith("not-owner (1)");
    expect(await ports(world)).toEqual([port]);
  });

  test("here is refused while its server listens", async () => {
    await using world = new World();
    const owner = sleeper(world);
    const { port, server } = await serve(world, world.cwd);
    // The claim is not the server's own, but that of a process that did nothing else.
    const claimed = await world.claim(port);
    const file = Bun.file(`${world.home}/claims/${port}.json`);
    const held = await claim(world, world.cwd, owner.pid, "other");
    const { pid, owner: record } = (await world.claim(held)) ?? {};
    await file.write(JSON.stringify({ ...claimed, pid, owner: record }));
    expect(await refusal(world, world.cwd, "web")).toStartWith("not-owner (1)");
    expect(await release(world, world.cwd, "web", "--force")).toEqual([port]);
    expect(server.exitCode).toBeNull();
    expect((await world.run(["wait", `${port}`, "--timeout", "5s"])).code).toBe(0);
  });

  test("keeps all claims of a project, even if the rest could be freed", async () => {
    await using world = new World();
    await claim(world, directory(world, "one"), sleeper(world).pid, "web", "--project", "both");
    const { code, out } = await world.run(["acquire", "api", "--project", "both"]);
    expect(code).toBe(0);
    expect(await refusal(world, world.cwd, "--project", "both")).toStartWith("not-owner (1)");
    expect(await ports(world)).toContain(Number(out));
    expect(await ports(world)).toHaveLength(2);
  });
});

describe("a claim whose owner has exited", () => {
  test("goes by name, from anywhere in its checkout, and is known to have exited", async () => {
    await using world = new World();
    marked(world, "shop");
    const port = await exited(world, directory(world, "shop/admin"));
    const registry = await openRegistry({ environment: world.env });
    const here = locate(registry, directory(world, "shop/store"));
    const released = await releaseClaims(registry, { target: { service: "web" }, here }, undefined);
    expect(released).toMatchObject({ claims: [{ port }], exited: true });
    expect(await ports(world)).toEqual([]);
  });

  test("goes by port from anywhere", async () => {
    await using world = new World();
    const port = await exited(world, world.cwd);
    expect(await release(world, marked(world, "shop"), `${port}`)).toEqual([port]);
  });

  test("isn't meant where a living one is, in this directory or checkout", async () => {
    await using world = new World();
    marked(world, "shop");
    const admin = directory(world, "shop/admin");
    const living = await claim(world, directory(world, "shop/store"), sleeper(world).pid);
    const dead = await exited(world, admin);
    expect(await release(world, admin, "web")).toEqual([living]);
    expect(await ports(world)).toEqual([dead]);
  });
});
