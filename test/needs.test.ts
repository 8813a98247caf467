import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ROOT, temporaryFolder } from "./harness.ts";

test("tests that need a program are skipped where it is missing, tables of them too", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/some.test.ts`;
  const lines = [
    `import { needs } from "${ROOT}/test/needs.ts";`,
    'const { test, describe } = needs("no-such-program");',
    'test("one", () => {});',
    'test.each([[1], [2]])("row %d", () => {});',
    'describe("a group", () => test("in it", () => {}));',
  ];
  writeFileSync(file, lines.join("\n"));
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, "test", file], { cwd: ROOT });
  const told = stderr.toString();
  expect(told).toContain("(skip) one (needs no-such-program)");
  expect(told).toContain("(skip) row 2 (needs no-such-program)");
  expect([exitCode, told.includes(" 0 fail")]).toEqual([0, true]);
});
