import { expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { marked } from "../../git.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";

const PWN = "touch $HOME/pwned";
const web = (line: string) => `[services.web]\n${line}\n`;
const env = (name: string, value: string) =>
  `[services.web]\n[env]\n${JSON.stringify(name)} = ${JSON.stringify(value)}\n`;

/** The variables that `eval "$(portclaim env)"` adds or changes in a shell, and what it says. */
async function evaluated(world: ShellSandbox, root: string) {
  const script = 'before=$(env); eval "$(portclaim env)"; echo "$before"; echo ----; env';
  const { out, err } = await world.exec(["sh", "-c", script], { cwd: root });
  const [before = "", after = ""] = out.split("----\n");
  const known = new Set(before.split("\n"));
  const changed = after.split("\n").filter((line) => line !== "" && !known.has(line));
  return { changed: changed.filter((line) => !line.startsWith("before=")), err };
}

test.each([
  ["a command in a variable's name", env(`A;${PWN};B_URL`, "{web.port}")],
  ["a variable that loads code", env("LD_PRELOAD_URL", "{web.port}")],
  ["a variable that names programs", env("GIT_SSH_COMMAND", PWN)],
  ["PATH", env("PATH", "{web.port}")],
  ["a substitution", env("A_URL", `http://localhost:{web.port}/$(${PWN})`)],
  ["backquotes", env("A_URL", `http://localhost:{web.port}/\`${PWN}\``)],
  ["a quote", env("A_URL", `http://localhost:{web.port}/';${PWN};'`)],
  ["a double quote", env("A_URL", `http://localhost:{web.port}/";${PWN};"`)],
  ["a newline", env("A_URL", `http://localhost:{web.port}/\n${PWN}\n`)],
  ["a backslash", env("A_URL", "http://localhost:{web.port}/\\")],
  ["another host", env("A_URL", "http://evil.example:{web.port}")],
  ["another host behind a user", env("A_URL", "http://localhost:{web.port}@evil.example/")],
  ["a variable of a service", web(`env = 'X"; ${PWN}; "_PORT'`)],
  ["a service's name", `[services."x;${PWN}/"]\n`],
  ["a newline in run", web(`run = "true\\n${PWN}"`)],
  ["a directory outside", web('dir = "../.."')],
  ["a port of root's", web("port = 22")],
  ["10 MB", `# ${"x".repeat(10_000_000)}\n`],
  ["a deep nesting", `x = ${"[".repeat(60_000)}`],
  ["no TOML", `\u0000\u0007\u001b]0;x\u0007`],
])("%s in portclaim.toml is a clear error, and nothing runs", async (_, text) => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  writeFileSync(`${root}/portclaim.toml`, text);
  const { changed, err } = await evaluated(world, root);
  expect(changed).toEqual([]);
  expect(err).toStartWith(`portclaim: ${root}/portclaim.toml`);
  // oxlint-disable-next-line no-control-regex
  expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(err.length).toBeLessThan(2000);
  const run = await world.exec(["portclaim", "run", "web"], { cwd: root });
  expect(run).toMatchObject({ code: 1, out: "" });
  expect(existsSync(world.path("pwned"))).toBeFalse();
  expect(existsSync(`${world.home}/claims`)).toBeFalse();
});

test("services with odd names and a hostile run only set their ports", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const names = [
    `$(${PWN.replaceAll("/", "")})`,
    "LD_PRELOAD",
    "a b",
    "__proto__",
    "näh",
    "'",
    "constructor",
  ];
  const text = names.map((name) => `[services.${JSON.stringify(name)}]\nrun = "${PWN}"\n`).join("");
  writeFileSync(`${root}/portclaim.toml`, text);
  const { changed, err } = await evaluated(world, root);
  expect(err).toBe("");
  expect(changed.length).toBe(names.length);
  for (const line of changed) expect(line).toMatch(/^[A-Z_][A-Z0-9_]*_PORT=\d+$/);
  expect(existsSync(world.path("pwned"))).toBeFalse();
});

test("a circle of scripts is an error before anything is claimed or run", async () => {
  await using world = new ShellSandbox();
  const root = marked(world, "mono");
  const scripts = { dev: "npm run start", start: "npm run dev -- --x" };
  writeFileSync(`${root}/package.json`, JSON.stringify({ name: "mono", scripts }));
  writeFileSync(`${root}/portclaim.toml`, web('run = "npm run dev"'));
  world.write("bin/npm", `#!/bin/sh\n${PWN}\n`);
  for (const rest of [["web"], ["web", "--", "npm", "run", "dev"]]) {
    const { code, err } = await world.exec(["portclaim", "run", ...rest], { cwd: root });
    expect(code).toBe(1);
    expect(err).toBe(
      `portclaim: the script "dev" runs itself again: npm run start\nhint: correct the scripts in ${root}/package.json\n`,
    );
  }
  expect(existsSync(world.path("pwned"))).toBeFalse();
  expect(readdirSync(`${world.home}/claims`)).toEqual([]);
});
