import { describe, expect, test } from "bun:test";
import { resolveCommand } from "../../frameworks/resolve-command.ts";
import { packageOf, projectOf } from "./project.ts";

const PROGRAM = "#!/bin/sh\n";

function resolveIn(files: Record<string, string>, line: string, cwd = "/app", root?: string) {
  const reader = projectOf(files);
  return resolveCommand({ argv: line.split(" "), cwd, root, path: "/usr/bin:/bin::rel", reader });
}

describe("a command's program", () => {
  const files = {
    "/usr/bin/make": PROGRAM,
    "/usr/bin/vite": PROGRAM,
    "/bin/sh": PROGRAM,
    "/bin/data": "no program",
    "/app/rel/own": PROGRAM,
    "/app/here": PROGRAM,
    "/app/node_modules/.bin/vite": PROGRAM,
    "/app/node_modules/.bin/make": PROGRAM,
    "/app/node_modules/.bin/tool": PROGRAM,
    "/app/web/node_modules/.bin/tool": PROGRAM,
    "/node_modules/.bin/above": PROGRAM,
  };
  test.each([
    ["make dev", "/app", "/app", "/usr/bin/make"],
    ["sh", "/app", "/app", "/bin/sh"],
    ["own", "/app", "/app", "/app/rel/own"],
    ["here", "/app", "/app", "/app/here"],
    ["vite", "/app", "/app", "/app/node_modules/.bin/vite"],
    ["vite", "/app/web/src", "/app", "/app/node_modules/.bin/vite"],
    ["vite", "/app/web/src", undefined, "/usr/bin/vite"],
    ["tool", "/app", undefined, "/app/node_modules/.bin/tool"],
    ["tool", "/app/web/src", "/app", "/app/web/node_modules/.bin/tool"],
    ["tool", "/app/api", "/app", "/app/node_modules/.bin/tool"],
    ["tool", "/application", "/app", undefined],
    ["above", "/app", "/app", undefined],
    ["data", "/app", "/app", undefined],
    ["missing", "/app", "/app", undefined],
    ["./here", "/app", "/app", "./here"],
    ["./here", "/app/web", "/app", undefined],
    ["/bin/sh", "/app/web", "/app", "/bin/sh"],
    ["node_modules/.bin/vite", "/app", "/app", "node_modules/.bin/vite"],
    ["", "/app", "/app", undefined],
  ])("%s in %s of %s", (line, cwd, root, program) =>
    expect(resolveIn(files, line, cwd, root).program).toBe(program as string),
  );
});

describe("a command that isn't found is told where it is", () => {
  const web = {
    "/app/package.json": packageOf({}, { devDependencies: { vite: "8", "@angular/cli": "22" } }),
  };
  test.each([
    [{ "/app/.venv/bin/uvicorn": PROGRAM }, "uvicorn a:a", "run: .venv/bin/uvicorn a:a"],
    [
      { "/app/.venv/bin/uvicorn": PROGRAM, "/app/uv.lock": "" },
      "uvicorn a:a",
      "run: uv run uvicorn a:a",
    ],
    [
      { "/app/.venv/bin/flask": PROGRAM, "/app/poetry.lock": "" },
      "flask run",
      "run: poetry run flask run",
    ],
    [
      { "/app/.venv/bin/flask": PROGRAM, "/app/pdm.lock": "" },
      "flask run",
      "run: pdm run flask run",
    ],
    [
      { "/app/venv/bin/flask": PROGRAM, "/app/uv.lock": "" },
      "flask run",
      "run: venv/bin/flask run",
    ],
    [{ "/app/vendor/bin/sail": PROGRAM }, "sail up", "run: vendor/bin/sail up"],
    [{ "/app/bin/rails": PROGRAM }, "rails s", "run: bin/rails s"],
    [{ "/app/Gemfile": 'gem "puma", "~> 6"' }, "puma", "run: bundle exec puma"],
    [{ "/app/Gemfile": "gem 'puma_worker_killer'" }, "puma", undefined],
    [web, "vite dev", "run: npm install"],
    [web, "ng serve", "run: npm install"],
    [{ ...web, "/app/pnpm-lock.yaml": "" }, "vite", "run: pnpm install"],
    [{ ...web, "/app/yarn.lock": "" }, "vite", "run: yarn install"],
    [{ ...web, "/app/bun.lock": "" }, "vite", "run: bun install"],
    [web, "astro dev", undefined],
    [
      {
        "/app/package.json": packageOf({}, { workspaces: ["apps/*"] }),
        "/app/apps/web/package.json": packageOf({}),
        "/app/apps/web/node_modules/.bin/vite": PROGRAM,
      },
      "vite",
      "vite is installed in apps/web; run it there",
    ],
    [{}, "vite", undefined],
  ])("%j %s", (files: Record<string, string>, line, hint) =>
    expect(resolveIn(files, line, "/app", "/app")).toEqual(hint === undefined ? {} : { hint }),
  );

  test("from below, up to the checkout's root", () => {
    const files = { "/app/.venv/bin/uvicorn": PROGRAM };
    const hint = "run: ../../.venv/bin/uvicorn a:a";
    expect(resolveIn(files, "uvicorn a:a", "/app/api/src", "/app")).toEqual({ hint });
    expect(resolveIn(files, "uvicorn a:a", "/app/api/src", "/app/api")).toEqual({});
    expect(resolveIn(files, "uvicorn a:a", "/app/api/src")).toEqual({});
  });
});
