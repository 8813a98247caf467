import { expect, test } from "bun:test";
import { tally } from "../../scripts/junit.ts";

const report = (attributes: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bun test" ${attributes}>\n</testsuites>`;

test("a test passed if it neither failed nor was skipped", () => {
  const counts = report('tests="9" assertions="40" failures="2" skipped="3" time="0.1"');
  expect(tally(counts, false)).toEqual({ passed: 4, failed: 2, skipped: 3 });
});

test("all passed", () => {
  expect(tally(report('tests="9" failures="0" skipped="0"'), true)).toEqual({
    passed: 9,
    failed: 0,
    skipped: 0,
  });
});

test("a runner that failed without a failed test is a failure", () => {
  const counts = report('tests="9" failures="0" skipped="0"');
  expect(tally(counts, false)).toEqual({ passed: 9, failed: 1, skipped: 0 });
});

test.each([
  ["no report", undefined],
  ["an empty one", ""],
  ["one cut short", '<testsuites name="bun test" tests="9"'],
  ["one without a count", report('tests="9" failures="0"')],
  ["one without tests", report('tests="0" failures="0" skipped="0"')],
])("%s is a failure", (_, text) => {
  expect(tally(text, true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
