import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { marked } from "../../git.ts";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";
import { shop, variables } from "../project/shop.ts";

test("run SERVICE runs its command in its directory with all the project's variables", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const { web, api, db } = shop(world, root);
  const { code, out } = await world.exec(["portclaim", "run", "api"], { cwd: root });
  expect(code).toBe(0);
  const url = variables({ web, api, db }).SHOP_URL;
  expect(out).toBe(`${api} ${api} ${web} ${db} ${api} ${url} ${root}/apps/api\n`);
  expect(await world.states()).toMatchObject({ [web]: "starting", [db]: "starting" });
});

test("the URL of a running service is printed, and --another starts a second one", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const { web, db } = shop(world, root);
  const server = world.spawn(["portclaim", "run", "web"], { cwd: root });
  const { port } = await world.nextServer();
  expect(port).toBe(web);
  expect((await world.exec(["portclaim", "release", String(db), "--force"])).code).toBe(0);
  for (const cwd of [root, `${root}/apps/web`]) {
    const again = await world.exec(["portclaim", "run", ...(cwd === root ? ["web"] : [])], { cwd });
    expect(again).toMatchObject({ code: 0, out: `http://localhost:${web}\n` });
    expect(again.err).toContain(`web is already running (bun server.js, pid ${server.pid})`);
    expect(await world.claim(db)).toBeUndefined();
  }
  world.spawn(["portclaim", "run", "web", "--another"], { cwd: root });
  expect((await world.nextServer()).port).not.toBe(web);
});

test("of two calls at once, one starts the server", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const { web } = shop(world, root);
  const calls = [0, 1].map(() => world.spawn(["portclaim", "run", "web"], { cwd: root }));
  expect((await world.nextServer()).port).toBe(web);
  await until("the other has exited", () => calls.some(({ exitCode }) => exitCode === 0));
  expect((await world.list()).filter(({ service }) => service === "web").length).toBe(1);
});

test("the port that env printed in one terminal is the one that run uses in another", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const { web } = shop(world, root);
  await using terminal = new Terminal(world, ["bash", "--norc", "-i"]);
  for (const place of ["mono", "mono/apps/web", "mono/apps/api"]) {
    terminal.enter(`cd ~/${place}; eval "$(portclaim env)"; eval "$(portclaim env)"`);
    terminal.enter(`echo "${place.length}=$WEB_PORT;"`);
    await terminal.shows(`${place.length}=${web};`);
  }
  expect((await world.claim(web))?.pid).toBe(terminal.child.pid);
  const server = world.spawn(["portclaim", "run", "web"], {
    cwd: root,
    env: { ...world.env, CLAUDECODE: "1" },
  });
  expect((await world.nextServer()).port).toBe(web);
  expect(await world.claim(web)).toMatchObject({ pid: server.pid, agent: "claude-code" });
  expect((await world.claim(web))?.reserved).toBeUndefined();
  terminal.enter(`unset WEB_PORT; eval "$(portclaim env)"; echo "again=$WEB_PORT;"`);
  await terminal.shows(`again=${web};`);
});

test("run --all claims every service for a process manager, whose run commands take them over", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const { web, api, db } = shop(world, root);
  const manager = world.write(
    "manager",
    `#!/bin/sh
echo "$WEB_PORT $API_PORT $DB_PORT $PORT;"
portclaim run web &
wait
`,
  );
  const all = world.spawn(["portclaim", "run", "--all", "--", manager, "{api.port}"], {
    cwd: root,
    env: { ...world.env, WEB_PORT: "1" },
  });
  const server = await world.nextServer();
  expect(server.port).toBe(web);
  expect(await world.claim(web)).toMatchObject({ pid: server.pid, owner: { serves: true } });
  for (const port of [api, db]) expect((await world.claim(port))?.pid).toBe(all.pid);
  await world.killAllBut();
  expect(await new Response(all.stdout).text()).toBe(`${web} ${api} ${db} ;\n`);
});

test("a run inside of a run of the same service takes over its port", async () => {
  await using world = new ShellSandbox();
  const inner = 'portclaim run web -- sh -c "echo \\$PORT"';
  const { out } = await world.exec(["portclaim", "run", "web", "--", "sh", "-c", `${inner}; :`]);
  const port = Number(out);
  expect(port).toBeGreaterThan(0);
  const outer = await world.exec(["portclaim", "run", "web", "--", "sh", "-c", `echo $PORT`]);
  expect(Number(outer.out)).toBe(port);
});

test("a command that runs itself again is an error, not a circle", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  await Bun.write(
    `${root}/portclaim.toml`,
    "[services.web]\nrun = \"sh -c 'portclaim run web'\"\n",
  );
  const { code, err } = await world.exec(["portclaim", "run", "web"], { cwd: root });
  expect(code).toBe(1);
  expect(err).toContain("the command of web in portclaim.toml runs portclaim run web again");
});

test("run without a service takes the file's for this directory, else package.json's name, else the directory's", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  shop(world, root);
  const service = async (cwd: string) => {
    const line = ["portclaim", "run", "--", "portclaim", "list", "--json"];
    const { out, err } = await world.exec(line, { cwd });
    if (out === "") return err;
    return (JSON.parse(out) as { service: string }[]).at(0)?.service;
  };
  expect(await service(`${root}/apps/web`)).toBe("web");
  mkdirSync(`${root}/docs`);
  expect(await service(`${root}/docs`)).toBe("docs");
  await Bun.write(`${root}/docs/package.json`, '{"name": "@shop/manual"}');
  expect(await service(`${root}/docs`)).toBe("manual");
  await Bun.write(`${root}/portclaim.toml`, "[services.a]\n[services.b]\n");
  expect(await service(root)).toContain("name one of portclaim.toml's: a, b");
});

test.each([
  [["web", "api"], "run starts one service, not 2", "portclaim run --all -- overmind start"],
  [["nope"], 'portclaim.toml has no service "nope"', "it has web, api, db"],
  [["db"], "portclaim.toml has no command for db", "portclaim run db -- npm run dev"],
  [[], "missing service", "name one of portclaim.toml's: db"],
  [["--all", "web"], "--all can't be used with a service", ""],
  [["--all"], "missing command", "portclaim run --all -- overmind start"],
])("run %p is refused with a hint", async (args, message, hint) => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  shop(world, root, "[services.docs]\n");
  const { code, err } = await world.exec(["portclaim", "run", ...args], { cwd: root });
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain(hint);
});

test("a portclaim.toml without services is named as the place to add one", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  await Bun.write(`${root}/portclaim.toml`, "");
  const run = async (...args: string[]) =>
    (await world.exec(["portclaim", "run", ...args], { cwd: root })).err;
  expect(await run()).toContain("add one to portclaim.toml");
  expect(await run("web")).toContain("it has no services");
});

needs("Linux").test(
  "a command with shell syntax runs in a shell, another one doesn't",
  async () => {
    await using world = new ShellSandbox();
    const root = marked(world, "mono");
    const line = async (run: string) => {
      await Bun.write(`${root}/portclaim.toml`, `[services.web]\nrun = '''${run}'''\n`);
      return (await world.exec(["portclaim", "run", "web"], { cwd: root })).out;
    };
    expect(await line(`printf "%s;" a "b c" d\\ e`)).toBe("a;b c;d e;");
    expect(await line("echo a && echo b")).toBe("a\nb\n");
    expect(await line("cat /proc/self/cmdline")).toBe("cat\0/proc/self/cmdline\0");
  },
);
