/** The complete check: packages, tools, build, lint and tests. Runs before any package is installed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { install } from "./install.ts";
import { tally, type Tally } from "./junit.ts";
import { bun } from "./root.ts";
import { installTools } from "./tools.ts";

function test(filters: string[]): Tally {
  const folder = mkdtempSync(`${tmpdir()}/portclaim-check-`);
  const outfile = `${folder}/junit.xml`;
  try {
    const succeeded = bun([
      "test",
      "--timeout=60000",
      "--parallel=3",
      "--reporter=junit",
      `--reporter-outfile=${outfile}`,
      ...filters,
    ]);
    return tally(readIfThere(outfile), succeeded);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Runs all steps in order, even after a failure. A failed step counts as one failed test. */
function check(filters: string[]): Tally {
  if (!install()) return { passed: 0, failed: 1, skipped: 0 };
  installTools();
  const steps = ["build", "lint"].map((name) => bun([`scripts/${name}.ts`]));
  const tests = test(filters);
  return { ...tests, failed: tests.failed + steps.filter((succeeded) => !succeeded).length };
}

const { passed, failed, skipped } = check(process.argv.slice(2));
const also = skipped > 0 ? `, ${skipped} skipped` : "";
console.log(`${passed} passed, ${failed} failed${also}`);
process.exit(failed === 0 ? 0 : 1);
