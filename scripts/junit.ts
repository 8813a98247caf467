/** How many tests passed, failed and were skipped. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const HEAD = /<testsuites\b[^>]*>/;

/**
 * Counts the tests in bun's junit report. A report that is missing, unreadable or without a test is one
 * failure, and so is a failed run without a failed test, as after a file that can't be loaded.
 */
export function tally(report: string | undefined, runnerSucceeded: boolean): Tally {
  const head = report?.match(HEAD)?.[0] ?? "";
  const count = (name: string) => Number(head.match(`\\b${name}="(\\d+)"`)?.[1] ?? Number.NaN);
  const failed = count("failures");
  const skipped = count("skipped");
  const passed = count("tests") - failed - skipped;
  if (Number.isNaN(passed) || count("tests") === 0) return { passed: 0, failed: 1, skipped: 0 };
  return { passed, failed: failed === 0 && !runnerSucceeded ? 1 : failed, skipped };
}
