import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { planCommand } from "../../frameworks/plan-command.ts";
import { resolveCommand } from "../../frameworks/resolve-command.ts";
import { parseSimpleCommand } from "../../frameworks/simple-command.ts";
import { tools } from "../../frameworks/tools.ts";
import { packageOf, projectOf } from "../frameworks/project.ts";
import { runs } from "../runs.ts";
import { nastyText, nastyValue } from "./corpus.ts";

const RUNNERS =
  "npm npx pnpm yarn bun bunx node uv uvx poetry env cross-env dotenv python3 ruby php bundle mise " +
  "run exec x dlx start -- -m -w --filter --run --port -p --port=3000 3000 {port} $PORT dev FOO=1 PORT=4";
const word = fc.oneof(
  fc.constantFrom(...RUNNERS.split(" ")),
  fc.constantFrom(...tools.flatMap(({ name, serves = [], given }) => [name, ...serves, ...given])),
  nastyText,
);
const line = fc.array(word, { maxLength: 8 });
const SHELL = fc.constantFrom(..."'\"\\$`&|;#()<>{} \t\nav=".split(""));

test("whatever the command and its scripts say, words are only appended", () => {
  fc.assert(
    fc.property(line, line, line, (argv, dev, start) => {
      const scripts = { dev: dev.join(" "), start: start.join(" ") };
      const reader = projectOf({ "/app/package.json": packageOf(scripts) });
      for (const port of [undefined, 7000]) {
        const plan = planCommand({ argv, cwd: "/app", reader, ...(port ? { port } : {}) });
        expect(plan.argv.slice(0, argv.length)).toEqual(argv);
        if (plan.refusal || port === undefined)
          expect(plan).toMatchObject({ argv, added: [], env: {} });
      }
      resolveCommand({ argv, cwd: "/app/web", root: "/app", path: "/bin", reader });
    }),
    runs(2000),
  );
});

test("whatever is in package.json and around it", () => {
  fc.assert(
    fc.property(nastyValue, nastyText, nastyText, (value, text, yaml) => {
      for (const content of [
        text,
        JSON.stringify(value),
        JSON.stringify({ scripts: value, workspaces: value }),
      ]) {
        const reader = projectOf({
          "/app/package.json": content ?? "",
          "/app/pnpm-workspace.yaml": yaml,
        });
        for (const argv of [
          ["npm", "run", text],
          ["pnpm", "--filter", text, "dev"],
        ]) {
          expect(planCommand({ argv, cwd: "/app", port: 7000, reader }).argv).toEqual(argv);
        }
      }
    }),
    runs(500),
  );
});

test("one simple command is what sh takes for one", () => {
  fc.assert(
    fc.property(fc.array(SHELL, { maxLength: 12 }), (letters) => {
      const words = letters.join("");
      const parsed = parseSimpleCommand(`printf '%s\\0' x${words}`);
      if (!parsed || /\$/.test(words)) return;
      const { stdout, exitCode } = Bun.spawnSync(["sh", "-c", `set -f; printf '%s\\0' x${words}`]);
      expect([exitCode, `${stdout}`]).toEqual([
        0,
        parsed.words
          .slice(2)
          .map((one) => `${one}\0`)
          .join(""),
      ]);
    }),
    runs(300),
  );
});
