/** Tests of portclaim.toml with the tools that load a project's variables: `bun run e2e project`. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { shop } from "../../cli/project/shop.ts";
import { checkout, worktree } from "../../git.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const MISE = process.env["MISE"] ?? "mise";

/** Two worktrees of a monorepo with these files, and mise on PATH. */
async function monorepo(world: ShellSandbox, files: Record<string, string>) {
  symlinkSync(MISE, world.path("bin/mise"));
  const main = await checkout(world, "mono");
  const linked = await worktree(world, main, "fix");
  const ports = shop(world, main);
  const text = readFileSync(`${main}/portclaim.toml`, "utf8");
  for (const root of [main, linked]) {
    for (const name of ["web", "api"]) await Bun.write(`${root}/apps/${name}/.keep`, "");
    await Bun.write(`${root}/portclaim.toml`, text);
    for (const [name, content] of Object.entries(files))
      await Bun.write(`${root}/${name}`, content);
  }
  return { main, linked, ports };
}

const claimFiles = (world: ShellSandbox) =>
  readdirSync(`${world.home}/claims`).map((name) => [
    name,
    statSync(`${world.home}/claims/${name}`).mtimeMs,
  ]);

/** What a terminal shows for WEB_PORT after a command. */
async function webPort(terminal: Terminal, step: string, line: string): Promise<number> {
  terminal.enter(line);
  terminal.enter(`echo "${step}=\${WEB_PORT:-none};"`);
  const shown = await terminal.shows(new RegExp(`${step}=\\d+;`));
  return Number(new RegExp(`${step}=(\\d+);`).exec(shown)?.[1]);
}

test("direnv: the shell owns the claims, worktrees have ports of their own, a second entry writes nothing", async () => {
  await using world = new ShellSandbox();
  const envrc = 'watch_file portclaim.toml\neval "$(portclaim env)"\n';
  const { main, linked, ports } = await monorepo(world, { ".envrc": envrc });
  await using terminal = new Terminal(world, ["bash", "--norc", "-i"]);
  terminal.enter(`eval "$(direnv hook bash)"; direnv allow ${main}; direnv allow ${linked}`);
  expect(await webPort(terminal, "main", `cd ${main}/apps/web`)).toBe(ports.web);
  expect((await world.claim(ports.web))?.pid).toBe(terminal.pid);
  const other = await webPort(terminal, "linked", `cd ${linked}`);
  expect(Object.values(ports)).not.toContain(other);
  const before = claimFiles(world);
  expect(await webPort(terminal, "again", `cd ${main}`)).toBe(ports.web);
  expect(await webPort(terminal, "below", `cd ${main}/apps/api`)).toBe(ports.web);
  expect(claimFiles(world)).toEqual(before);
  const server = world.spawn(["portclaim", "run", "web"], { cwd: main });
  expect((await world.nextServer()).port).toBe(ports.web);
  expect((await world.claim(ports.web))?.pid).toBe(server.pid);
});

test("mise: env is called at each prompt, and the shell owns the claims", async () => {
  await using world = new ShellSandbox();
  const toml = `[env]\n_.source = "./ports.sh"\n`;
  const files = { "mise.toml": toml, "ports.sh": 'eval "$(portclaim env)"\n' };
  const { main, linked, ports } = await monorepo(world, files);
  await using terminal = new Terminal(world, ["bash", "--norc", "-i"]);
  terminal.enter(`mise trust ${main}/mise.toml; mise trust ${linked}/mise.toml`);
  terminal.enter('eval "$(mise activate bash)"');
  expect(await webPort(terminal, "main", `cd ${main}/apps/web`)).toBe(ports.web);
  expect((await world.claim(ports.web))?.pid).toBe(terminal.pid);
  const other = await webPort(terminal, "linked", `cd ${linked}`);
  expect(Object.values(ports)).not.toContain(other);
  const before = claimFiles(world);
  expect(await webPort(terminal, "again", `cd ${main}`)).toBe(ports.web);
  expect(claimFiles(world)).toEqual(before);
});

test("mise reads the file that --write keeps", async () => {
  await using world = new ShellSandbox();
  const files = { "mise.toml": '[env]\n_.file = ".env.local"\n', ".env.local": "MINE=1\n" };
  const { main, ports } = await monorepo(world, files);
  await world.exec(["mise", "trust", `${main}/mise.toml`]);
  expect((await world.run(["env", "--write", ".env.local"], { cwd: main })).code).toBe(0);
  const words = ["mise", "exec", "--", "sh", "-c", 'echo "$MINE $WEB_PORT $SHOP_URL"'];
  const { out } = await world.exec(words, { cwd: main });
  expect(out).toBe(`1 ${ports.web} http://shop.localhost:${ports.web}/v1\n`);
});

test("docker compose fills ports from .env, and from the environment of run --all", async () => {
  await using world = new ShellSandbox();
  const compose = `services:
  web:
    image: busybox
    ports: ["127.0.0.1:\${WEB_PORT:?run portclaim env --write .env}:3000"]
    environment:
      URL: "\${SHOP_URL}"
`;
  const { main, linked, ports } = await monorepo(world, { "compose.yaml": compose });
  const config = (line: string[], cwd: string) =>
    world.exec([...line, "docker-compose", "-f", "compose.yaml", "config"], { cwd });
  expect((await config([], main)).err).toContain("run portclaim env --write .env");
  await world.run(["env", "--write", ".env"], { cwd: main });
  const { out } = await config([], main);
  expect(out).toContain(`127.0.0.1:${ports.web}:3000`);
  expect(out).toContain(`http://shop.localhost:${ports.web}/v1`);
  const all = await config(["portclaim", "run", "--all", "--"], linked);
  expect(all.out).toMatch(/127\.0\.0\.1:\d+:3000/);
  expect(all.out).not.toContain(`:${ports.web}:`);
});
