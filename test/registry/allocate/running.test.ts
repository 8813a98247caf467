import { describe, expect, test } from "bun:test";
import type { Running } from "../../../registry/allocate/reuse.ts";
import { checkout, claim, directory, hasGit, marked, serve, sleeper, worktree } from "../../git.ts";
import { until, World } from "../../harness.ts";
import { accepts } from "../../processes.ts";

interface Acquired {
  port: number;
  pid: number;
  cwd: string;
  how: "new" | "again" | "reused";
  others?: Running[];
}

/** What an acquire of `web` returns that another owner makes, and what it says. */
async function acquire(world: World, cwd: string, ...args: string[]) {
  const { pid } = sleeper(world);
  const asked = ["acquire", "--service", "web", "--pid", `${pid}`, "--json", ...args];
  const { code, out, err } = await world.run(asked, { cwd });
  if (code !== 0) throw new Error(`acquire ended with ${code}: ${err}`);
  return { ...(JSON.parse(out) as Acquired), err };
}

const SHOP = ["--project", "shop"];

describe("--reuse returns the claim", () => {
  test("of another owner in this directory, and leaves it unchanged", async () => {
    await using world = new World();
    const { port, server } = await serve(world, world.cwd);
    const before = await world.claim(port);
    const found = await acquire(world, world.cwd, "--reuse");
    expect(found).toMatchObject({ port, pid: server.pid, how: "reused", err: "" });
    expect(found.others).toBeUndefined();
    expect(await world.claim(port)).toEqual(before);
  });

  test("of another directory of this checkout, up or down", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const [web, admin] = [directory(world, "shop/web"), directory(world, "shop/admin")];
    const { port } = await serve(world, web, "web", ...SHOP);
    for (const cwd of [root, admin]) {
      expect(await acquire(world, cwd, "--reuse", ...SHOP)).toMatchObject({
        port,
        cwd: web,
        how: "reused",
      });
    }
  });

  test("of another project of this checkout, unless one is named", async () => {
    await using world = new World();
    marked(world, "shop");
    const { port } = await serve(world, directory(world, "shop/packages/admin"));
    const store = directory(world, "shop/packages/store");
    expect(await acquire(world, store, "--reuse")).toMatchObject({ port, how: "reused" });
    const found = await acquire(world, store, "--reuse", "--project", "store");
    expect(found.how).toBe("new");
    expect(found.port).not.toBe(port);
  });

  test("of this directory rather than of another one of this checkout", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const below = directory(world, "shop/web");
    await serve(world, root);
    const port = await claim(world, below, sleeper(world).pid, "web", ...SHOP);
    expect(await acquire(world, below, "--reuse", ...SHOP)).toMatchObject({ port, cwd: below });
  });

  test("and the same one to all concurrent callers", async () => {
    await using world = new World();
    const ask = () => acquire(world, world.cwd, "--reuse");
    const all = await Promise.all(Array.from({ length: 6 }, ask));
    expect(new Set(all.map(({ port }) => port)).size).toBe(1);
    expect(all.filter(({ how }) => how === "new")).toHaveLength(1);
  });
});

describe("--reuse claims a new port", () => {
  test("where only a directory outside of the checkout has it, of the same project", async () => {
    await using world = new World();
    const { port } = await serve(world, world.cwd, "web", ...SHOP);
    const found = await acquire(world, marked(world, "shop"), "--reuse");
    expect(found).toMatchObject({ how: "new" });
    expect(found.port).not.toBe(port);
  });

  test.if(hasGit)("where only another worktree has it, of the same project", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const linked = await worktree(world, main, "feature");
    const { port } = await serve(world, main);
    const found = await acquire(world, linked, "--reuse", ...SHOP);
    expect(found).toMatchObject({ how: "new", cwd: linked, err: "" });
    expect(found.port).not.toBe(port);
    expect(found.others).toBeUndefined();
  });

  test("where a foreign server took the port of the only claim", async () => {
    await using world = new World();
    const foreign = await world.listen();
    const port = await claim(world, world.cwd, sleeper(world).pid);
    const claimed = await world.claim(port);
    await Bun.write(
      `${world.home}/claims/${foreign}.json`,
      JSON.stringify({ ...claimed, port: foreign }),
    );
    await world.run(["release", `${port}`]);
    expect(await world.list()).toMatchObject([{ port: foreign, state: "occupied" }]);
    const found = await acquire(world, world.cwd, "--reuse");
    expect(found.how).toBe("new");
  });
});

test("--reuse refuses to choose between two directories of this checkout, and names both", async () => {
  await using world = new World();
  const root = marked(world, "shop");
  const ports: number[] = [];
  for (const name of ["one", "two"]) {
    ports.push((await serve(world, directory(world, `shop/${name}`), "web", ...SHOP)).port);
  }
  const { code, out, err } = await world.run(["acquire", "web", "--reuse"], { cwd: root });
  expect({ code, out }).toEqual({ code: 4, out: "" });
  for (const port of ports) expect(err).toContain(`${port} `);
  expect(await world.list()).toHaveLength(2);
});

describe("a new claim reports the servers that already run for its service", () => {
  test("in this directory, with whose they are", async () => {
    await using world = new World();
    const { port, server } = await serve(world, world.cwd);
    const found = await acquire(world, world.cwd);
    expect(found.how).toBe("new");
    expect(found.others).toMatchObject([
      { port, pid: server.pid, service: "web", state: "listening", cwd: world.cwd, own: false },
    ]);
    expect(found.err).toContain(`${port} `);
    expect(found.err).toContain(`pid ${server.pid}`);
    expect(found.err).toContain("release this claim");
  });

  test("in another directory of this checkout, all of them", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const ports: number[] = [];
    for (const name of ["one", "two"]) {
      ports.push((await serve(world, directory(world, `shop/${name}`), "web", ...SHOP)).port);
    }
    const { others } = await acquire(world, root);
    expect(others?.map(({ port }) => port).toSorted()).toEqual(ports.toSorted());
  });

  test("as the caller's own, where they are", async () => {
    await using world = new World();
    const { port, server } = await serve(world, world.cwd);
    const asked = ["acquire", "web", "--pid", `${server.pid}`, "--json"];
    const { out } = await world.run(asked);
    expect((JSON.parse(out) as Acquired).others).toMatchObject([{ port, own: true }]);
  });

  test("as the only one that can run here, if it refuses to run twice in a directory", async () => {
    await using world = new World();
    const port = world.ports.next();
    const next = "exec -a 'next-server (v16.4.6)' python3 -m http.server --bind 127.0.0.1 \"$0\"";
    const { pid } = world.spawn(["bash", "-c", next, `${port}`]);
    await until("it listens", () => accepts(port));
    await claim(world, world.cwd, pid, "web", "--prefer", `${port}`, "--exact");
    const { others, err } = await acquire(world, world.cwd);
    expect(others).toMatchObject([{ port, single: "next" }]);
    expect(err).toContain(
      `next refuses to run twice in one directory: use http://localhost:${port}, and release this claim`,
    );
    const below = await acquire(world, directory(world, "my-app/docs"), "--project", "my-app");
    expect(below.others?.[0]?.single).toBeUndefined();
  });

  test("once each, though the service is asked for twice", async () => {
    await using world = new World();
    const { port } = await serve(world, world.cwd);
    const { out, err } = await world.run(["acquire", "web", "web", "--json"]);
    const all = JSON.parse(out) as Acquired[];
    expect(all.map(({ others }) => others?.map((other) => other.port))).toEqual([[port], [port]]);
    expect(err.match(/already listens/g)).toHaveLength(1);
  });

  test("and of no other claims: without a listener, of other services, or of other places", async () => {
    await using world = new World();
    await claim(world, world.cwd, sleeper(world).pid);
    await serve(world, world.cwd, "api");
    await serve(world, directory(world, "elsewhere"), "web", "--project", "my-app");
    const found = await acquire(world, world.cwd);
    expect(found).toMatchObject({ how: "new", err: "" });
    expect(found.others).toBeUndefined();
  });
});
