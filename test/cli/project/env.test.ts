import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { marked } from "../../git.ts";
import { World } from "../../harness.ts";
import { shop, variables } from "./shop.ts";

const stateOf = (world: World) =>
  readdirSync(`${world.home}/claims`).map((name) => {
    const path = `${world.home}/claims/${name}`;
    return [name, readFileSync(path, "utf8"), statSync(path).mtimeMs];
  });

test("prints the same ports from every directory, and writes nothing once all are claimed", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const first = await world.run(["env"], { cwd: `${root}/apps/web` });
  expect(first).toEqual({
    code: 0,
    out: `export WEB_PORT=${ports.web}
export API_PORT=${ports.api}
export BACKEND_PORT=${ports.api}
export DB_PORT=${ports.db}
export SHOP_URL='http://shop.localhost:${ports.web}/v1'
`,
    err: "",
  });
  const before = stateOf(world);
  for (const cwd of [root, `${root}/apps/api`]) {
    expect(await world.run(["env"], { cwd })).toEqual(first);
  }
  const json = await world.run(["env", "--json"], { cwd: root });
  expect(JSON.parse(json.out)).toEqual(variables(ports));
  const dotenv = await world.run(["env", "--format", "dotenv"], { cwd: root });
  expect(dotenv.out).toBe(first.out.replaceAll("export ", ""));
  expect(stateOf(world)).toEqual(before);
  const claims = await world.list();
  expect(claims.map(({ reserved, state }) => ({ reserved, state }))).toEqual(
    Array.from({ length: 3 }, () => ({ reserved: true, state: "starting" })),
  );
});

test("the shell gets just the ports", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const { out } = await world.run(["env"], { cwd: root });
  const env = async (script: string) =>
    new Set((await world.exec(["sh", "-c", `${script}env`], { cwd: root })).out.split("\n"));
  const added = (await env(out)).difference(await env(""));
  expect(added).toEqual(new Set(Object.entries(variables(ports)).map((pair) => pair.join("="))));
});

test("a variable that is already set is kept and reported once, unless [env] names it", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const env = { WEB_PORT: "1", API_PORT: `${ports.api}`, SHOP_URL: "mine" };
  const { out, err } = await world.run(["env", "--json"], { cwd: root, env });
  const { WEB_PORT: _, ...others } = variables(ports);
  expect(JSON.parse(out)).toEqual(others);
  expect(err).toBe(
    `portclaim: kept because already set: WEB_PORT (not ${ports.web}); unset them to use this project's values\n`,
  );
});

test("a reserved port is never idle, and the next acquire of its service takes it over", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  await using owner = world.spawn(["sleep", "1000"]);
  await world.run(["env", "--pid", `${owner.pid}`], { cwd: root });
  const claim = await world.claim(ports.web);
  expect(claim).toMatchObject({ pid: owner.pid, reserved: true });
  await Bun.write(
    `${world.home}/claims/${ports.web}.json`,
    JSON.stringify({ ...claim, owner: { ...claim?.owner, at: "0" } }),
  );
  expect((await world.list()).find(({ port }) => port === ports.web)?.state).toBe("starting");
  const kept = JSON.parse((await world.run(["reap", "--grace", "0", "--json"])).out) as object[];
  expect(kept).toContainEqual(
    expect.objectContaining({
      port: ports.web,
      action: "kept",
      reason: "portclaim env reserved it",
    }),
  );
  const { out } = await world.run(["acquire", "web", "--json"], { cwd: root });
  expect(JSON.parse(out)).toMatchObject({ port: ports.web, how: "reserved", pid: process.pid });
  expect((await world.claim(ports.web))?.reserved).toBeUndefined();
  // Now it is another owner's claim like any other.
  const second = await world.run(["acquire", "web", "--pid", `${owner.pid}`], { cwd: root });
  expect(Number(second.out)).not.toBe(ports.web);
});

test("a reserved port that something listens on isn't taken over", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  await using owner = world.spawn(["sleep", "1000"]);
  await world.run(["env", "--pid", `${owner.pid}`], { cwd: root });
  await world.listen(ports.web);
  const { out } = await world.run(["acquire", "web"], { cwd: root });
  expect(Number(out)).not.toBe(ports.web);
});

test("ten calls at once agree", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  shop(world, root);
  const calls = Array.from({ length: 10 }, () => world.run(["env"], { cwd: root }));
  const outs = new Set((await Promise.all(calls)).map(({ out }) => out));
  expect(outs.size).toBe(1);
  expect((await world.list()).length).toBe(3);
});

test("without a portclaim.toml, or with a broken one, nothing is claimed", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const missing = await world.run(["env"], { cwd: root });
  expect(missing).toEqual({
    code: 4,
    out: "",
    err: `portclaim: no portclaim.toml in ${root}\nhint: to write one: portclaim init --project\n`,
  });
  await Bun.write(`${root}/portclaim.toml`, "[services.web]\nport = 80\n");
  const broken = await world.run(["env"], { cwd: root });
  expect(broken.code).toBe(1);
  expect(broken.err).toStartWith(
    `portclaim: ${root}/portclaim.toml:2: services.web.port: 80 is not a port`,
  );
  expect(await world.list()).toEqual([]);
});

test("an unknown key is a warning", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  await Bun.write(`${root}/portclaim.toml`, "[services.web]\nprot = 1\n");
  const { code, err } = await world.run(["env"], { cwd: root });
  expect(code).toBe(0);
  expect(err).toStartWith(
    `portclaim: warning: ${root}/portclaim.toml:2: unknown key "services.web.prot"`,
  );
});

test.each([
  [["env", "--remove"], "missing --write"],
  [["env", "--write", "x", "--format", "json"], "--format can't be used with --write"],
  [["env", "--json", "--format", "shell"], "--format can't be used with --json"],
])("%p is refused", async (line, message) => {
  await using world = new World();
  const { code, err } = await world.run(line as string[]);
  expect(code).toBe(2);
  expect(err).toContain(message as string);
});
