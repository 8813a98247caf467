import { describe, expect, test } from "bun:test";
import { planCommand } from "../../frameworks/plan-command.ts";
import { packageOf, projectOf } from "./project.ts";

const scripts = {
  dev: "vite",
  start: "next dev",
  assigned: "NODE_ENV=development DEBUG='a b' vite --host",
  crossed: "cross-env NODE_ENV=development vite",
  quoted: `"vite" --mode "my mode"`,
  variable: "vite --mode $MODE",
  placed: "./node_modules/.bin/vite",
  direct: "node --inspect node_modules/vite/bin/vite.js",
  npx: "npx vite",
  flask: "flask run",
  gunicorn: "uv run gunicorn app:app",
  port: "vite --port 5999",
  astro: "astro dev --port 4321",
  storybook: "storybook dev -p 6006",
  fromPort: "PORT=3001 next dev",
  serve: "serve -l 3001",
  "by-npm": "npm run dev",
  "by-npm-open": "npm run dev --",
  "by-npm-port": "npm run dev -- --port 4000",
  "by-npm-astro": "npm run astro-open -- --port 4322",
  "astro-open": "astro dev",
  "by-prefix": "npm --prefix . run dev",
  "by-pnpm": "pnpm dev",
  "by-yarn": "yarn dev",
  "by-bun": "bun run dev",
  "by-npm-twice": "npm run by-npm",
  "ends-options": "vite --",
  build: "vite build",
  app: "node server.js",
  rails: "bundle exec rails server",
};
const files = { "/app/package.json": packageOf(scripts) };

const plan = (line: string, port?: number, cwd = "/app") =>
  planCommand({
    argv: line.split(" "),
    cwd,
    reader: projectOf(files),
    ...(port === undefined ? {} : { port }),
  });

function appended(line: string, cwd?: string): string {
  const { argv, refusal } = plan(line, 7000, cwd);
  const words = line.split(" ");
  expect(argv.slice(0, words.length)).toEqual(words);
  return refusal?.message ?? argv.slice(words.length).join(" ");
}

const STRICT = "--port 7000 --strictPort";

describe("a package's script gets the port through its runner", () => {
  test.each([
    ["npm run dev", `-- ${STRICT}`],
    ["npm run-script dev", `-- ${STRICT}`],
    ["npm run -s dev", `-- ${STRICT}`],
    ["npm --silent run dev", `-- ${STRICT}`],
    ["npm run dev --if-present", `-- ${STRICT}`],
    ["npm run dev -- --host", STRICT],
    ["npm run dev --", STRICT],
    ["npm run dev -- --port 7000", ""],
    ["npm start", ""],
    ["npm run start", ""],
    ["npm run flask", ""],
    ["npm run gunicorn", "-- -b 127.0.0.1:7000"],
    ["npm exec vite", `-- ${STRICT}`],
    ["npm exec -- vite", STRICT],
    ["npm exec --yes vite@8", `-- ${STRICT}`],
    ["npm x -p vite vite", `-- ${STRICT}`],
    ["npm exec --package=@angular/cli -- ng serve", "--port 7000"],
    ["npx vite", STRICT],
    ["npx -y vite@latest dev", STRICT],
    ["npx --package @angular/cli@20 ng serve", "--port 7000"],
    ["npx @angular/cli serve", "--port 7000"],
    ["npx @11ty/eleventy@3 --serve", "--port 7000"],
    ["npx -- vite", STRICT],
    ["pnpx vite", STRICT],
    ["bunx vite", STRICT],
    ["bunx --bun vite", STRICT],
    ["bun x vite", STRICT],
    ["bun --bun x vite", STRICT],
    ["pnpm dev", STRICT],
    ["pnpm run dev", STRICT],
    ["pnpm run --silent dev --host", STRICT],
    ["pnpm -s dev", STRICT],
    ["pnpm start", ""],
    ["pnpm exec vite", STRICT],
    ["pnpm vite", STRICT],
    ["pnpm dlx vite@8", STRICT],
    ["corepack pnpm dev", STRICT],
    ["yarn dev", STRICT],
    ["yarn run dev", STRICT],
    ["yarn --silent dev --host", STRICT],
    ["yarn vite", STRICT],
    ["yarn exec vite", STRICT],
    ["yarn dlx @angular/cli serve", "--port 7000"],
    ["yarn dev -- --host", STRICT],
    ["bun run dev", STRICT],
    ["bun dev", STRICT],
    ["bun --bun run dev", STRICT],
    ["bun run --bun dev", STRICT],
    ["bun run dev -- --host", STRICT],
    ["bun run vite", STRICT],
    ["bun run node_modules/.bin/vite", STRICT],
    ["bun --hot server.ts", ""],
    ["node --run dev", `-- ${STRICT}`],
    ["node --run dev -- --host", STRICT],
    ["node --env-file .env --run dev", `-- ${STRICT}`],
    ["node node_modules/.bin/vite", STRICT],
    ["node --inspect ./node_modules/@angular/cli/bin/ng.js serve", "--port 7000"],
    ["node node_modules/.pnpm/vite@8.3.8/node_modules/vite/bin/vite.js dev", STRICT],
    ["node vite.js", ""],
    ["node_modules/.bin/vite", STRICT],
    ["/app/node_modules/.bin/vite", STRICT],
    ["npm run assigned", `-- ${STRICT}`],
    ["npm run crossed", `-- ${STRICT}`],
    ["npm run quoted", `-- ${STRICT}`],
    ["npm run variable", `-- ${STRICT}`],
    ["npm run placed", `-- ${STRICT}`],
    ["npm run direct", `-- ${STRICT}`],
    ["npm run npx", `-- ${STRICT}`],
    ["npm run by-npm", `-- -- ${STRICT}`],
    ["npm run by-npm-twice", `-- -- -- ${STRICT}`],
    ["npm run by-npm-open", `-- ${STRICT}`],
    ["npm run by-prefix", `-- -- ${STRICT}`],
    ["npm run by-pnpm", `-- ${STRICT}`],
    ["npm run by-yarn", `-- ${STRICT}`],
    ["npm run by-bun", `-- ${STRICT}`],
    ["pnpm by-npm", `-- ${STRICT}`],
    ["pnpm by-npm-open", STRICT],
    ["node --run by-pnpm", `-- ${STRICT}`],
    // yarn 1 and bun would drop the "--" that npm needs.
    ["yarn by-npm", ""],
    ["bun run by-npm", ""],
    ["bun run by-npm-open", STRICT],
    ["npm run build", ""],
    ["npm run app", ""],
    ["npm run rails", ""],
    ["npm run missing", ""],
    ["npm run", ""],
    ["npm install", ""],
    ["npm exec -c vite", ""],
    ["npx -c vite", ""],
    ["npx", ""],
    ["pnpm install", ""],
    ["pnpm", ""],
    ["pnpm exec -c vite", ""],
    ["pnpm add vite", ""],
    ["yarn", ""],
    ["bun", ""],
    ["bun install", ""],
    ["node", ""],
    ["node --run", ""],
    ["uv run flask run", ""],
    ["uv run --with x gunicorn a:a", "-b 127.0.0.1:7000"],
    ["uv run -m http.server", "7000"],
    ["uv run manage.py runserver", "7000"],
    ["uv run --directory api python -m http.server", "7000"],
    ["uvx gunicorn a:a", "-b 127.0.0.1:7000"],
    ["uv tool run gunicorn a:a", "-b 127.0.0.1:7000"],
    ["uv sync", ""],
    ["poetry run python manage.py runserver", "7000"],
    ["pipenv run gunicorn a:a", "-b 127.0.0.1:7000"],
    ["pdm run mkdocs serve", "--dev-addr 127.0.0.1:7000"],
    ["pipx run mkdocs serve", "--dev-addr 127.0.0.1:7000"],
    ["bundle exec jekyll serve", "--port 7000"],
    ["bundle install", ""],
    ["env NODE_ENV=production vite", STRICT],
    ["env -u FOO vite", STRICT],
    ["nohup vite", STRICT],
    ["time vite", STRICT],
    ["dotenv -e .env -- vite", STRICT],
    ["dotenv vite", STRICT],
    ["dotenv run -- gunicorn a:a", "-b 127.0.0.1:7000"],
    ["dotenvx run -f .env -- vite", STRICT],
    ["doppler run -- vite", STRICT],
    ["op run --env-file=.env -- npm run dev", `-- ${STRICT}`],
    ["mise exec node@22 -- vite", STRICT],
    ["mise install", ""],
  ])("%s", (line, expected) => expect(appended(line)).toBe(expected));

  test("from a directory below the package's", () => {
    expect(appended("npm run dev", "/app/src/deep")).toBe(`-- ${STRICT}`);
    expect(appended("npm run dev", "/other")).toBe("");
    expect(appended("npm --prefix /app run dev", "/other")).toBe(`-- ${STRICT}`);
    expect(appended("pnpm -C ../app dev", "/other")).toBe(STRICT);
    expect(appended("yarn --cwd=/app dev", "/other")).toBe(STRICT);
    expect(appended("bun run --cwd /app dev", "/other")).toBe(STRICT);
    expect(appended("env -C /app npm run dev", "/other")).toBe(`-- ${STRICT}`);
  });

  test("and the variables of its tool", () => {
    expect(plan("npm run flask", 7000).env).toEqual({ FLASK_RUN_PORT: "7000" });
  });

  test("yarn 4 may not pass on what follows --", () => {
    expect(plan("yarn dev -- --host", 7000).moves).toBe(true);
    expect(plan("yarn dev --host", 7000).moves).toBeUndefined();
  });

  test("behind a -- of the script nothing can be appended", () => {
    expect(plan("npm run ends-options", 7000)).toMatchObject({ added: [], moves: true });
    expect(plan("pnpm dev -- --host", 7000)).toMatchObject({ added: [], moves: true });
  });
});

describe("a port that a script names", () => {
  test.each([
    ["npm run port", 5999, `-- ${STRICT}`],
    ["pnpm port", 5999, STRICT],
    ["npm run storybook", 6006, "-- --port 7000 --exact-port"],
    ["npm run fromPort", 3001, "-- --port 7000"],
    ["npm run by-npm-port", 4000, `-- ${STRICT}`],
    ["npm run dev -- --port 5998", 5998, STRICT],
    ["npm run port -- --port 5998", 5998, STRICT],
    [
      "npm run astro",
      4321,
      'the script "astro" starts astro on port 4321, but port 7000 is claimed for it',
    ],
    [
      "npm run serve",
      3001,
      'the script "serve" starts serve on port 3001, but port 7000 is claimed for it',
    ],
  ])("%s", (line, port, other) => {
    expect(plan(line).preferred).toBe(port);
    expect(plan(line, port).argv).toEqual(line.split(" "));
    expect(appended(line)).toBe(other);
  });

  test("is to be removed from the script, or replaced in the command", () => {
    expect(plan("npm run astro", 7000).refusal?.hint).toBe(
      'remove "--port 4321" from the script in /app/package.json',
    );
    expect(plan("npm run by-npm-astro", 7000).refusal?.message).toStartWith(
      'the script "by-npm-astro" starts astro on port 4322',
    );
    expect(plan("pnpm exec astro dev --port 4321", 7000).refusal?.hint).toBe(
      "write '{port}' in place of 4321",
    );
  });
});

describe("words that don't reach the server are refused", () => {
  test.each([
    ["npm run dev --port 3000", 'npm keeps "--port 3000" for itself, so vite would not see it'],
    [
      "npm run dev --port=3000 --host",
      'npm keeps "--port=3000" for itself, so vite would not see it',
    ],
    ["npm start -p 3000", 'npm keeps "-p 3000" for itself, so next would not see it'],
    ["npm exec vite --port 3000", 'npm keeps "--port 3000" for itself, so vite would not see it'],
    ["pnpm dev -- --port 3000", 'vite ignores "--port 3000" behind --'],
    ["vite -- --port 3000", 'vite ignores "--port 3000" behind --'],
  ])("%s", (line, message) => {
    expect(plan(line, 7000).refusal?.message).toBe(message);
    expect(plan(line, 3000).refusal?.message).toBe(message);
  });
});

describe("a script that isn't one simple command is left alone", () => {
  test.each([
    "vite & node api.js",
    "tsc && vite",
    "vite; true",
    "vite | cat",
    "vite || true",
    "vite > log",
    "vite 2>&1",
    "(vite)",
    "{ vite; }",
    "vite # --port",
    "vite\nnode api.js",
    "vite --mode $(cat mode)",
    "vite --mode `cat mode`",
    'vite --mode "$(cat mode)"',
    "if true; then vite; fi",
    "while true",
    "! vite",
    "vite 'unclosed",
    'vite "unclosed',
    "vite \\",
    "",
    "   ",
    "FOO=1",
    "concurrently vite api",
    "concurrently 'npm:dev' 'npm:api'",
    "turbo dev",
    "run-p dev api",
    "sh -c vite",
  ])("%j", (script) => {
    const reader = projectOf({ "/app/package.json": packageOf({ dev: script }) });
    const argv = ["npm", "run", "dev"];
    expect(planCommand({ argv, cwd: "/app", port: 7000, reader })).toEqual({
      argv,
      env: {},
      added: [],
    });
  });

  test.each([
    "vite --mode '$(cat mode)'",
    "vite --mode '`'",
    "vite --mode 'a;b&c|d#e'",
    'vite --mode "a\\"b;c"',
    "vite --mode a\\;b",
    "vite --mode a#b",
    "  vite\t --host  ",
    "vite ''",
    'FOO="a b" vite',
    "FOO=$BAR vite",
    "v'it'e",
  ])("quoted, it is one: %j", (script) => {
    const reader = projectOf({ "/app/package.json": packageOf({ dev: script }) });
    const { added } = planCommand({ argv: ["pnpm", "dev"], cwd: "/app", port: 7000, reader });
    expect(added).toEqual([STRICT]);
  });
});

describe("a hostile package.json changes nothing", () => {
  const alone = (text: string, name = "dev") => {
    const argv = ["npm", "run", name];
    const reader = projectOf({ "/app/package.json": text });
    expect(planCommand({ argv, cwd: "/app", port: 7000, reader })).toEqual({
      argv,
      env: {},
      added: [],
    });
  };
  test.each([
    "",
    "not JSON",
    '{"scripts":{"dev":"vite"',
    "null",
    "[]",
    '"vite"',
    "7",
    '{"scripts":null}',
    '{"scripts":"vite"}',
    '{"scripts":["vite"]}',
    '{"scripts":{"dev":null}}',
    '{"scripts":{"dev":["vite"]}}',
    '{"scripts":{"dev":{"toString":"vite"}}}',
    '{"scripts":{}}',
    "[".repeat(1_000_000),
    "\0\0\0",
  ])("%.40j", (text) => alone(text));

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", "../dev", "", "$(touch x)"])(
    "a script called %j",
    (name) => alone(packageOf({ dev: "vite" }), name),
  );

  test("with scripts that call each other forever", () => {
    alone(packageOf({ dev: "npm run dev" }));
    alone(packageOf({ dev: "npm run a", a: "pnpm b", b: "yarn a" }));
    alone(packageOf({ dev: "npm run dev -- -- dev" }));
    const chain = Array.from({ length: 1000 }, (_, i) => [`s${i}`, `npm run s${i + 1}`]);
    alone(packageOf({ ...Object.fromEntries(chain), s1000: "vite", dev: "npm run s0" }));
  });

  test("with a script of a million words", () => {
    const script = `vite ${"x ".repeat(500_000)}`;
    const reader = projectOf({ "/app/package.json": packageOf({ dev: script }) });
    const argv = ["npm", "run", "dev"];
    expect(planCommand({ argv, cwd: "/app", port: 7000, reader }).added).toEqual([STRICT]);
    alone(packageOf({ dev: "'".repeat(500_001) }));
    alone(packageOf({ dev: `vite ${"\\".repeat(500_001)}` }));
  });

  test("though a byte order mark and any indentation are fine", () => {
    const text = `\uFEFF${JSON.stringify({ scripts: { dev: "vite" } }, null, "\t")}`;
    const reader = projectOf({ "/app/package.json": text });
    const argv = ["npm", "run", "dev"];
    expect(planCommand({ argv, cwd: "/app", port: 7000, reader }).added).toEqual([STRICT]);
  });

  test("words of any kind pass unchanged", () => {
    const words = ["", " ", "$(touch x)", "`x`", "'", '"', "\n", "a\0b", "é", "\uD800", "{port}"];
    const argv = ["pnpm", "dev", ...words];
    const reader = projectOf(files);
    const found = planCommand({ argv, cwd: "/app", port: 7000, reader });
    expect(found.argv).toEqual([...argv, "--port", "7000", "--strictPort"]);
  });
});

describe("a package of a monorepo", () => {
  const web = packageOf({ dev: "vite", api: "flask run" }, { name: "@shop/web" });
  const yaml =
    "# all\npackages:\n  - 'apps/*'\n\n  - \"tools\" # one\n  - '!apps/old'\ncatalog:\n  - x\n";
  const monorepos = {
    npm: { "/shop/package.json": packageOf({ dev: "turbo dev" }, { workspaces: ["apps/*"] }) },
    yarn: { "/shop/package.json": packageOf({}, { workspaces: { packages: ["apps/**"] } }) },
    pnpm: { "/shop/package.json": packageOf({}), "/shop/pnpm-workspace.yaml": yaml },
  };
  const through = (line: string, project: Record<string, string>, cwd = "/shop") => {
    const argv = line.split(" ");
    const reader = projectOf({
      ...project,
      "/shop/apps/web/package.json": web,
      "/shop/README": "",
    });
    return planCommand({ argv, cwd, port: 7000, reader }).argv.slice(argv.length).join(" ");
  };
  test.each([
    ["npm run dev -w @shop/web", `-- ${STRICT}`],
    ["npm run dev --workspace=@shop/web", `-- ${STRICT}`],
    ["npm -w apps/web run dev", `-- ${STRICT}`],
    ["npm exec -w apps/web -- vite", STRICT],
    ["npm run dev", ""],
    ["npm run dev -w other", ""],
    ["npm run dev -w apps/web -w apps/api", ""],
    ["npm run dev --workspaces", ""],
    ["pnpm --filter @shop/web dev", STRICT],
    ["pnpm -F ./apps/web run dev", STRICT],
    ["pnpm run --filter @shop/web dev", STRICT],
    ["pnpm --filter @shop/web... dev", ""],
    ["pnpm --filter ./apps/* dev", ""],
    ["pnpm -r dev", ""],
    ["pnpm -w dev", ""],
    ["yarn workspace @shop/web dev", STRICT],
    ["yarn workspace @shop/web run dev", STRICT],
    ["yarn workspace other dev", ""],
    ["yarn workspaces foreach run dev", ""],
    ["bun run --filter @shop/web dev", STRICT],
    ["bun --filter=@shop/web dev", STRICT],
  ])("%s", (line, expected) => {
    for (const project of Object.values(monorepos)) expect(through(line, project)).toBe(expected);
    for (const project of Object.values(monorepos)) {
      if (!line.includes("apps"))
        expect(through(line, project, "/shop/apps/web/src")).toBe(
          line === "npm run dev" ? `-- ${STRICT}` : expected,
        );
    }
  });
});
