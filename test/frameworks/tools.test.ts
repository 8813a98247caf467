import { describe, expect, test } from "bun:test";
import { planCommand } from "../../frameworks/plan-command.ts";
import { tools } from "../../frameworks/tools.ts";
import { projectOf } from "./project.ts";

const plan = (line: string, port?: number, files = {}) =>
  planCommand({
    argv: line.split(" "),
    cwd: "/app",
    reader: projectOf(files),
    ...(port === undefined ? {} : { port }),
  });

/** What was appended to the command, and the variables that were set. */
function told(line: string, files = {}): string {
  const { argv, env, refusal } = plan(line, 7000, files);
  if (refusal) return refusal.message;
  expect(argv.slice(0, line.split(" ").length)).toEqual(line.split(" "));
  const variables = Object.entries(env).map((pair) => pair.join("="));
  return [...argv.slice(line.split(" ").length), ...variables].join(" ");
}

const STRICT = "--port 7000 --strictPort";
const PORT = "--port 7000";

describe("a server gets its port in the way that it expects", () => {
  test.each([
    ["vite", STRICT],
    ["vite dev", STRICT],
    ["vite serve", STRICT],
    ["vite preview", STRICT],
    ["vite ./site --host", STRICT],
    ["vite --mode staging dev", STRICT],
    ["vite -c build dev", STRICT],
    ["vitepress", STRICT],
    ["vitepress dev docs", STRICT],
    ["react-router dev", STRICT],
    ["remix vite:dev", STRICT],
    ["rsbuild", "--port 7000 --strict-port"],
    ["rsbuild dev", "--port 7000 --strict-port"],
    ["rsbuild preview", "--port 7000 --strict-port"],
    ["vitepress preview docs", PORT],
    ["storybook dev", "--exact-port"],
    ["storybook dev --ci", "--exact-port"],
    ["astro dev", PORT],
    ["astro dev -p 3000", PORT],
    ["astro preview", PORT],
    ["webpack serve", PORT],
    ["webpack s", PORT],
    ["webpack server", PORT],
    ["webpack-dev-server", PORT],
    ["ng serve", PORT],
    ["ng s shop --open", PORT],
    ["ng dev", PORT],
    ["eleventy --serve", PORT],
    ["eleventy --input=src --serve", PORT],
    ["wrangler dev", PORT],
    ["wrangler dev --inspector-port 9230", PORT],
    ["wrangler pages dev dist", PORT],
    ["wrangler --config w.toml dev", PORT],
    ["netlify dev", PORT],
    ["ntl dev", PORT],
    ["vercel dev", "--listen 7000"],
    ["vc dev", "--listen 7000"],
    ["gatsby develop", PORT],
    ["prisma studio", PORT],
    ["json-server db.json", PORT],
    ["expo start", "--port 7000 RCT_METRO_PORT=7000"],
    ["next dev", ""],
    ["next dev --turbopack", ""],
    ["next start", ""],
    ["next", ""],
    ["parcel index.html", ""],
    ["parcel serve index.html", ""],
    ["docusaurus start", ""],
    ["http-server", ""],
    ["serve", ""],
    ["serve -s build", ""],
    ["live-server", ""],
    ["live-server --port 3000", ""],
    ["nuxt dev", "NUXT_PORT=7000 NITRO_PORT=7000"],
    ["nuxi dev", "NUXT_PORT=7000 NITRO_PORT=7000"],
    ["node server.js", ""],
    ["node --watch server.js", ""],
    ["nodemon server.js", ""],
    ["tsx watch server.ts", ""],

    ["python -m http.server", "7000"],
    ["python3 -m http.server --bind 127.0.0.1 -d public", "7000"],
    ["python3.12 -u -X dev -m http.server", "7000"],
    ["python3 -m http.server -p HTTP/1.1", "7000"],
    ["manage.py runserver", "7000"],
    ["./manage.py runserver --noreload", "7000"],
    ["python manage.py runserver", "7000"],
    ["python manage.py runserver --reloader stat", "7000"],
    ["python manage.py --settings x.y runserver --verbosity 2", "7000"],
    ["python backend/manage.py runserver_plus", "7000"],
    ["python -m django runserver", "7000"],
    ["django-admin runserver", "7000"],
    ["flask run", "FLASK_RUN_PORT=7000"],
    ["flask --app run run --debug", "FLASK_RUN_PORT=7000"],
    ["python -m flask run", "FLASK_RUN_PORT=7000"],
    ["uvicorn app:app --reload", "UVICORN_PORT=7000"],
    ["python -m uvicorn app:app", "UVICORN_PORT=7000"],
    ["fastapi dev", PORT],
    ["fastapi run main.py", PORT],
    ["gunicorn app:app", "-b 127.0.0.1:7000"],
    ["python -m gunicorn -w 4 app:app", "-b 127.0.0.1:7000"],
    ["hypercorn app:app", "--bind 127.0.0.1:7000"],
    ["streamlit run x.py", "STREAMLIT_SERVER_PORT=7000"],
    ["streamlit run x.py -- --server.port 3", 'streamlit ignores "--server.port 3" behind --'],
    ["streamlit run x.py -- --verbose", "STREAMLIT_SERVER_PORT=7000"],
    ["jupyter lab", "--ServerApp.port_retries=0 JUPYTER_PORT=7000"],
    ["jupyter-lab", "--ServerApp.port_retries=0 JUPYTER_PORT=7000"],
    ["mkdocs serve", "--dev-addr 127.0.0.1:7000"],
    ["gradio app.py", "GRADIO_SERVER_PORT=7000"],
    ["python app.py", "GRADIO_SERVER_PORT=7000"],

    ["redis-server", PORT],
    ["redis-server redis.conf", PORT],
    ["postgres -D data", "PGPORT=7000"],
    ["pg_ctl start -D data", "PGPORT=7000"],
    ["pg_ctl -D start start", "PGPORT=7000"],
    ["memcached", "-p 7000"],
    ["rails server", ""],
    ["rails s", ""],
    ["bin/rails s", ""],
    ["ruby bin/rails server", ""],
    ["puma", "-p 7000"],
    ["rackup", "-p 7000"],
    ["jekyll serve", PORT],
    ["jekyll s -p x", PORT],
    ["hugo server -D", PORT],
    ["hugo serve", PORT],
    ["caddy file-server", "--listen :7000"],
    ["php artisan serve", PORT],
    ["artisan serve", PORT],
  ])("%s", (line, expected) => expect(told(line)).toBe(expected));

  test("puma reads PORT by its own configuration", () =>
    expect(told("puma", { "/app/config/puma.rb": "port ENV.fetch('PORT')" })).toBe(""));
});

describe("a command that starts no server is left alone", () => {
  test.each([
    "vite build",
    "vite build --watch",
    "vite --mode x build",
    "vite --host 0.0.0.0 build",
    "vite optimize",
    "vite --help",
    "vite --version",
    "vitepress build docs",
    "rsbuild build",
    "rsbuild inspect",
    "astro build",
    "astro add dev",
    "astro",
    "next build",
    "next lint",
    "nuxt build",
    "webpack",
    "webpack --watch",
    "parcel build x.html",
    "parcel watch x.html",
    "ng build",
    "ng test",
    "eleventy",
    "eleventy --watch",
    "wrangler deploy",
    "wrangler pages deploy dev",
    "netlify deploy",
    "prisma migrate dev",
    "expo export",
    "storybook build",
    "flask shell",
    "flask routes run",
    "fastapi --help",
    "manage.py migrate",
    "manage.py help runserver",
    "python -c pass",
    "streamlit config",
    "jupyter nbconvert",
    "mkdocs build",
    "rails console",
    "rails generate scaffold server",
    "jekyll build",
    "hugo",
    "hugo new server",
    "caddy run",
    "php script.php",
    "php artisan migrate",
    "pg_ctl stop",
    "psql -p 5433",
    "make dev",
    "docker compose up",
    "sh -c vite",
    "concurrently vite astro",
    "turbo dev",
    "",
    "--",
  ])("%s", (line) =>
    expect(plan(line, 7000)).toMatchObject({ argv: line.split(" "), env: {}, added: [] }),
  );
});

describe("a port that a command names", () => {
  const named: [line: string, port: number | undefined, other: string][] = [
    // Where the last one wins, another port is appended.
    ["vite --port 3000", 3000, STRICT],
    ["vite --port=3000", 3000, STRICT],
    ["vite dev --port 3000 --open", 3000, STRICT],
    ["vite --port 3000 --port 3001", 3001, STRICT],
    ["next dev -p 3000", 3000, PORT],
    ["next dev -p3000", 3000, PORT],
    ["next dev --port=3000", 3000, PORT],
    ["next start -p 3000", 3000, PORT],
    ["nuxt dev -p 3000", 3000, "--port 7000 NUXT_PORT=7000 NITRO_PORT=7000"],
    ["react-router dev --port 3000", 3000, STRICT],
    ["webpack serve --port 3000", 3000, PORT],
    ["parcel -p 3000 x.html", 3000, PORT],
    ["docusaurus start -p 3000", 3000, PORT],
    ["storybook dev -p 6006", 6006, "--port 7000 --exact-port"],
    ["ng serve --port=3000", 3000, PORT],
    ["flask run -p 3000", 3000, "--port 7000 FLASK_RUN_PORT=7000"],
    ["uvicorn a:a --port 3000", 3000, "--port 7000 UVICORN_PORT=7000"],
    [
      "streamlit run x.py --server.port=3000",
      3000,
      "--server.port 7000 STREAMLIT_SERVER_PORT=7000",
    ],
    ["expo start -p 3000", 3000, "--port 7000 RCT_METRO_PORT=7000"],
    ["netlify dev -p 3000", 3000, PORT],
    ["prisma studio --port 3000", 3000, PORT],
    ["mkdocs serve -a localhost:3000", 3000, "--dev-addr localhost:7000"],
    ["mkdocs serve --dev-addr=0.0.0.0:3000", 3000, "--dev-addr 0.0.0.0:7000"],
    ["memcached -p 3000", 3000, "-p 7000"],
    ["redis-server --port 3000", 3000, PORT],
    ["postgres -D data -p 3000", 3000, "-p 7000 PGPORT=7000"],
    ["postgres -c port=3000", 3000, "-p 7000 PGPORT=7000"],
    ["jekyll serve -P 3000", 3000, PORT],
    ["hugo server -p 3000", 3000, PORT],
    ["rails s -p 3000", 3000, "-p 7000"],

    // Elsewhere it would listen on both, on neither, or crash.
    ["vitepress dev --port 3000", 3000, ""],
    ["astro dev --port 3000", 3000, ""],
    ["rsbuild dev --port 3000", 3000, ""],
    ["wrangler dev --port 3000", 3000, ""],
    ["http-server -p 3000", 3000, ""],
    ["http-server -p3000", 3000, ""],
    ["json-server db.json -p 3000", 3000, ""],
    ["serve -l 3000", 3000, ""],
    ["serve --listen=3000", 3000, ""],
    ["serve -l tcp://0.0.0.0:3000", 3000, ""],
    ["serve -p 3000", 3000, ""],
    ["live-server --port=3000", 3000, ""],
    ["eleventy --serve --port=3000", 3000, ""],
    ["gunicorn -b 0.0.0.0:3000 app:app", 3000, ""],
    ["gunicorn --bind=:3000 app:app", 3000, ""],
    ["gunicorn -b:3000 app:app", 3000, ""],
    ["hypercorn --bind [::1]:3000 app:app", 3000, ""],
    ["python -m http.server 3000", 3000, ""],
    ["python -m http.server --bind 0.0.0.0 3000", 3000, ""],
    ["manage.py runserver 3000", 3000, ""],
    ["manage.py runserver 0.0.0.0:3000", 3000, ""],
    ["manage.py runserver [::]:3000 --noreload", 3000, ""],
    ["php -S localhost:3000", 3000, ""],
    ["php -S 0.0.0.0:3000 -t public", 3000, ""],
    ["puma -p 3000", 3000, ""],
    ["puma -b tcp://0.0.0.0:3000", 3000, ""],
    ["caddy file-server --listen :3000", 3000, ""],
    ["pg_ctl start -o -p3000", 3000, ""],
    ["vercel dev -l 3000", 3000, ""],
  ];

  test.each(named)("%s prefers it", (line, port) => {
    expect(plan(line).preferred).toBe(port as number);
    const { argv, refusal } = plan(line, port);
    expect(refusal).toBeUndefined();
    expect(argv).toEqual(line.split(" "));
  });
  test.each(named)("%s and another", (line, port, other) => {
    if (other !== "") expect(told(line)).toBe(other);
    else {
      expect(told(line)).toEndWith(` on port ${port}, but port 7000 is claimed for it`);
      expect(plan(line, 7000).refusal?.hint).toBe(`write '{port}' in place of ${port}`);
    }
  });

  test.each([
    "vite --port",
    "vite --port {port}",
    "vite --port {web.port}",
    "vite --port=$PORT",
    "vite --port ${PORT:-3000}",
    "vite --port 0",
    "vite --port 70000",
    "uvicorn a:a --uds /tmp/socket",
    "gunicorn -b unix:/tmp/socket a:a",
    "manage.py runserver $PORT",
    "python -m http.server $PORT",
    "php -S localhost:$PORT",
    "jekyll serve --port $PORT",
  ])("%s is left alone", (line) => {
    expect(plan(line).preferred).toBeUndefined();
    expect(plan(line, 7000).argv).toEqual(line.split(" "));
    expect(plan(line, 7000).refusal).toBeUndefined();
  });

  test.each([
    ["PORT=3000", "next dev", 3000, "--port 7000"],
    ["FLASK_RUN_PORT=3000", "flask run", 3000, "--port 7000 FLASK_RUN_PORT=7000"],
    ["NUXT_PORT=3000", "nuxt dev", 3000, "--port 7000 NUXT_PORT=7000 NITRO_PORT=7000"],
    ["PORT=3000", "vite", undefined, STRICT],
    ["FOO=1", "vite", undefined, STRICT],
    ["PORT=$WEB_PORT", "next dev", undefined, ""],
  ])("by a variable: %s %s", (variable, line, preferred, expected) => {
    expect(plan(`env ${variable} ${line}`).preferred).toBe(preferred as number);
    expect(told(`env -i ${variable} ${line}`)).toBe(expected);
    expect(told(`cross-env ${variable} ${line}`)).toBe(expected);
  });
  test.each(["env PORT=3000 ng serve", "env PORT=3000 serve", "env PORT=3000 http-server"])(
    "by a variable that can't be overridden: %s",
    (line) => expect(told(line)).toEndWith("on port 3000, but port 7000 is claimed for it"),
  );

  test("is preferred for an unknown program, which is left alone", () => {
    expect(plan("./server --port 8080")).toMatchObject({ preferred: 8080 });
    expect(plan("./server --port 8080", 7000)).toMatchObject({
      added: [],
      argv: ["./server", "--port", "8080"],
    });
    expect(plan("psql -p 5433").preferred).toBeUndefined();
  });
});

test("servers that may move, and those that run once per directory, are reported", () => {
  const facts = (line: string) => {
    const { tool, moves, oneServerPerDirectory } = plan(line, 7000);
    return [tool, moves ?? false, oneServerPerDirectory ?? false];
  };
  expect(facts("vite")).toEqual(["vite", false, false]);
  expect(facts("astro dev")).toEqual(["astro", true, true]);
  expect(facts("next dev")).toEqual(["next", false, true]);
  expect(facts("next start")).toEqual(["next start", false, false]);
  expect(facts("rails s")).toEqual(["rails", false, true]);
  for (const line of ["nuxt dev", "serve", "live-server", "eleventy --serve"]) {
    expect(facts(line).slice(1)).toEqual([true, false]);
  }
  expect(facts("make")).toEqual([undefined, false, false]);
});

test("each addition is described in one text", () => {
  expect(plan("vite", 7000).added).toEqual(["--port 7000 --strictPort"]);
  expect(plan("expo start", 7000).added).toEqual(["RCT_METRO_PORT=7000", "--port 7000"]);
  expect(plan("vite").added).toEqual([]);
  expect(plan("vite").usualPort).toBe(5173);
});

test("each row of the table can be told a port, and its flags are spelled as flags", () => {
  for (const { name, given, add, again, readsPort, variables, position } of tools) {
    const isTold = readsPort ?? variables ?? add ?? name === "php";
    expect([name, Boolean(isTold)]).toEqual([name, true]);
    expect([name, position === true || given.length > 0 || name === "gradio"]).toEqual([
      name,
      true,
    ]);
    for (const text of [add, again]) {
      expect(text ?? "").not.toMatch(/\{(?!port\}|host\})/);
    }
  }
});
