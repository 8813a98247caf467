import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { checkout, directory, marked, worktree } from "../../git.ts";
import { World } from "../../harness.ts";
import { needs } from "../../needs.ts";

/** A checkout with web, api and db, each with a port of its own. */
function shop(world: World, root: string, rest = "") {
  const ports = { web: world.ports.next(), api: world.ports.next(), db: world.ports.next() };
  for (const name of ["web", "api", "src"]) mkdirSync(`${root}/apps/${name}`, { recursive: true });
  Bun.write(
    `${root}/portclaim.toml`,
    `project = "shop"
[services.web]
port = ${ports.web}
dir = "apps/web"
[services.api]
port = ${ports.api}
dir = "apps/api"
[services.db]
port = ${ports.db}
lease = "persistent"
shared = true
${rest}`,
  );
  return ports;
}

/** The port that a command prints in a directory. */
async function port(world: World, cwd: string, ...args: string[]) {
  const { code, out, err } = await world.run(args, { cwd });
  if (code !== 0) throw new Error(err);
  return Number(out);
}

test("a service of the file is claimed for its own directory, wherever the call is made", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  expect(await port(world, `${root}/apps/src`, "acquire", "web", "db")).toBeNaN();
  expect(await world.claim(ports.web)).toMatchObject({
    project: "shop",
    cwd: `${root}/apps/web`,
    root,
    lease: "ephemeral",
  });
  expect(await world.claim(ports.db)).toMatchObject({ cwd: root, lease: "persistent" });
  for (const cwd of [root, `${root}/apps/api`]) {
    expect(await port(world, cwd, "find", "web")).toBe(ports.web);
  }
});

test("flags come before the file, and the file before config.toml", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const other = world.ports.next();
  const config = await Bun.file(`${world.home}/config.toml`).text();
  await Bun.write(
    `${world.home}/config.toml`,
    `${config}[services.web]\nport = ${other}\nlease = "persistent"\n`,
  );
  expect(await port(world, root, "acquire", "web")).toBe(ports.web);
  expect((await world.claim(ports.web))?.lease).toBe("persistent");
  expect(await port(world, root, "acquire", "web", "--prefer", `${other}`)).toBe(other);
});

test("with another --project, the file's services don't apply", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const found = await port(world, root, "acquire", "web", "--project", "other");
  expect(Object.values(ports)).not.toContain(found);
  expect(await world.claim(found)).toMatchObject({ project: "other", cwd: root });
});

test("a service that isn't in the file belongs to the file's project, in the current directory", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  shop(world, root);
  const found = await port(world, `${root}/apps/src`, "acquire", "docs");
  expect(await world.claim(found)).toMatchObject({ project: "shop", cwd: `${root}/apps/src` });
});

test("ports that the file names for other services are taken last", async () => {
  await using world = new World({}, 5);
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const named = new Set(Object.values(ports));
  const first = await port(world, root, "acquire", "docs");
  const second = await port(world, root, "acquire", "docs");
  expect(named.has(first) || named.has(second)).toBeFalse();
  expect(named).toContain(await port(world, root, "acquire", "docs"));
});

test("a broken file is a warning to acquire and find", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  await Bun.write(`${root}/portclaim.toml`, "project = 1\n");
  const acquired = await world.run(["acquire", "web"], { cwd: root });
  const warning = `portclaim: warning: ${root}/portclaim.toml:1: project: 1 is not a string\n`;
  expect(acquired).toMatchObject({ code: 0, err: warning });
  const found = await world.run(["find", "web"], { cwd: root });
  expect(found).toEqual({ code: 0, out: acquired.out, err: warning });
});

test("a portclaim.toml above the checkout is never read", async () => {
  await using world = new World();
  const outer = directory(world, "outer");
  await Bun.write(`${outer}/portclaim.toml`, "broken");
  const root = marked(world, "outer/inner");
  expect((await world.run(["acquire", "web"], { cwd: root })).err).toBe("");
});

needs("git").describe("in a linked worktree", () => {
  test("the ports of the file are kept for the main checkout", async () => {
    await using world = new World();
    const root = await checkout(world, "mono");
    const linked = await worktree(world, root, "fix");
    const ports = shop(world, root);
    await Bun.write(`${linked}/portclaim.toml`, Bun.file(`${root}/portclaim.toml`));
    const { out, err } = await world.run(["acquire", "web"], { cwd: linked });
    expect(Object.values(ports)).not.toContain(Number(out));
    expect(err).toContain(
      `${ports.web} is kept for the main checkout; --prefer ${ports.web} takes it`,
    );
    expect(await port(world, root, "acquire", "web")).toBe(ports.web);
  });

  test("a shared service is the main checkout's", async () => {
    await using world = new World();
    const root = await checkout(world, "mono");
    const linked = await worktree(world, root, "fix");
    const ports = shop(world, root);
    await Bun.write(`${linked}/portclaim.toml`, Bun.file(`${root}/portclaim.toml`));
    expect(await port(world, linked, "acquire", "db")).toBe(ports.db);
    expect(await world.claim(ports.db)).toMatchObject({ cwd: root, root, project: "shop" });
    for (const cwd of [root, linked]) expect(await port(world, cwd, "find", "db")).toBe(ports.db);
  });
});
