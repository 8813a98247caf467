import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { answer, askerFor } from "../../guard/hook.ts";
import { judge } from "../../guard/judge.ts";
import { PROTOCOLS } from "../../guard/protocols.ts";
import { FakeMachine, HOME, PROJECT } from "../fake-machine.ts";
import { runs } from "../runs.ts";

const LINES = readFileSync(`${import.meta.dir}/../guard/corpus.tsv`, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => (line.split("\t")[0] ?? "").replaceAll(String.raw`\n`, "\n"));
const WORDS = [...new Set(LINES.flatMap((line) => line.split(/\s+/)))];

const known = fc.constantFrom(...LINES);
const glue = fc.constantFrom(
  " ",
  " | ",
  " && ",
  "; ",
  " || ",
  "\n",
  " & ",
  "$(",
  ")",
  "`",
  "'",
  '"',
  "{",
  "}",
  " < ",
  "<<EOF\n",
);
const line = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...WORDS), glue), { maxLength: 25 })
    .map((parts) => parts.join(" ")),
  fc.array(fc.oneof(known, glue), { maxLength: 4 }).map((parts) => parts.join("")),
  fc
    .tuple(known, fc.nat(200), fc.nat(20), fc.string({ maxLength: 5 }))
    .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut)),
);

/** Another agent whose server matches much of the corpus. */
function busyMachine(): FakeMachine {
  const machine = new FakeMachine();
  machine.start({ pid: 200, parent: 1, argv: ["codex"], cwd: `${HOME}/other` });
  machine.start({
    pid: 4242,
    parent: 200,
    argv: ["node", "/srv/node_modules/.bin/vite", "dev", "3000"],
    name: "node",
    cwd: `${HOME}/other`,
  });
  for (const port of [3000, 5173, 8000]) machine.listen(port, 4242);
  return machine;
}

test("no command line is denied but for a process that it would end", () => {
  const machine = busyMachine();
  const registry = machine.registry();
  const asker = askerFor(registry, PROJECT, undefined, {});
  let denied = 0;
  fc.assert(
    fc.property(line, (text) => {
      const { loss, findings } = judge(registry, { line: text, asker, variables: { USER: "me" } });
      if (loss === undefined) return;
      denied++;
      expect(machine.processes.get(loss.process.pid)).toBeDefined();
      expect(findings.flatMap(({ processes }) => processes)).toContain(loss.process);
    }),
    runs(2000),
  );
  expect(denied).toBeGreaterThan(20);
});

test("whatever a hook sends, the guard lets the command run or answers by the protocol", async () => {
  const env = { HOME: "/nowhere", PORTCLAIM_HOME: "/nowhere/registry" };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(PROTOCOLS), "nonesuch"),
      fc.oneof(
        fc.json(),
        line.map((command) => JSON.stringify({ tool_input: { command } })),
      ),
      async (agent, text) => {
        // The entry lets a command run whose answer throws.
        const { code } = await answer(agent, text, env).catch(() => ({ code: 0 }));
        expect([0, 10]).toContain(code);
      },
    ),
    runs(300),
  );
});
