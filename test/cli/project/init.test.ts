import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "smol-toml";
import { marked } from "../../git.ts";
import { World } from "../../harness.ts";

function files(root: string, all: Record<string, unknown>) {
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(`${root}/${name}`), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(`${root}/${name}`, text);
  }
}

const read = async (root: string) => parse(await Bun.file(`${root}/portclaim.toml`).text());

test("init --project writes the services of a monorepo, and env understands them", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  files(root, {
    "package.json": { name: "mono", workspaces: ["apps/*"] },
    "pnpm-lock.yaml": "",
    "apps/web/package.json": { name: "@shop/web", scripts: { dev: "vite" } },
    "apps/admin/package.json": { name: "@shop/admin", scripts: { dev: "vite" } },
    "apps/api/package.json": { name: "@shop/api", scripts: { start: "next dev -p 4000" } },
    "apps/ui/package.json": { name: "@shop/ui", scripts: { dev: "tsc --watch" } },
  });
  const made = await world.run(["init", "--project", "--text"], { cwd: `${root}/apps` });
  expect(made).toEqual({ code: 0, out: `${root}/portclaim.toml\n`, err: "" });
  expect(await read(root)).toEqual({
    project: "mono",
    services: {
      admin: { port: 5173, run: "pnpm run dev", dir: "apps/admin" },
      api: { port: 4000, run: "pnpm run start", dir: "apps/api" },
      web: { port: 5174, run: "pnpm run dev", dir: "apps/web" },
    },
  });
  const text = await Bun.file(`${root}/portclaim.toml`).text();
  expect(text).toStartWith("#:schema https://");
  expect(text).toContain("# [services.ui]\n");
  const { out, err } = await world.run(["env", "--json"], { cwd: root });
  expect(err).not.toContain("portclaim.toml");
  expect(Object.keys(JSON.parse(out))).toEqual(["ADMIN_PORT", "API_PORT", "WEB_PORT"]);
});

test("every key that init shows as a comment is known, and its values are valid", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  await world.run(["init", "--project"], { cwd: root });
  const text = await Bun.file(`${root}/portclaim.toml`).text();
  const shown = text.replaceAll(/^# (?=\[|[a-zA-Z_]+ = )/gm, "");
  expect(shown).toContain("\n[services.web]\n");
  await Bun.write(`${root}/portclaim.toml`, shown);
  mkdirSync(`${root}/apps/web`, { recursive: true });
  const { code, err } = await world.run(["env"], { cwd: root });
  expect(code).toBe(0);
  // Another program may have taken port 3000.
  expect(err).not.toContain("portclaim.toml");
});

test("an existing file is kept without --force, and a link is never written through", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  writeFileSync(world.path("other"), "mine");
  symlinkSync(world.path("other"), `${root}/portclaim.toml`);
  const refused = await world.run(["init", "--project", "--text"], { cwd: root });
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toContain(`${root}/portclaim.toml already exists`);
  expect((await world.run(["init", "--project", "--force"], { cwd: root })).code).toBe(0);
  expect(await Bun.file(world.path("other")).text()).toBe("mine");
});

test("in the home directory it would have no effect", async () => {
  await using world = new World();
  const { code, err } = await world.run(["init", "--project"], {
    cwd: world.env["HOME"] as string,
  });
  expect(code).toBe(2);
  expect(err).toContain("would have no effect");
});

test("a hostile package.json can't add to the file", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const evil = 'x"\n[services.evil]\nrun = "touch pwned"\n#';
  files(root, {
    "package.json": {
      name: evil,
      workspaces: [`apps/*`, evil, "../*", "/etc"],
      scripts: { dev: `vite --port 3000` },
    },
    [`apps/a'b/package.json`]: { name: evil, scripts: { dev: "vite" } },
    "apps/web/package.json": { name: evil, scripts: { dev: `vite ${evil}`, [evil]: "vite" } },
    "apps/dev/package.json": {
      name: "dev",
      scripts: { dev: "npm run start", start: "npm run dev" },
    },
  });
  expect((await world.run(["init", "--project"], { cwd: root })).code).toBe(0);
  const { services } = (await read(root)) as { services: Record<string, { run: string }> };
  expect(Object.values(services).map(({ run }) => run)).toEqual(["npm run dev"]);
  expect(await Bun.file(`${root}/portclaim.toml`).text()).not.toContain("pwned");
});
