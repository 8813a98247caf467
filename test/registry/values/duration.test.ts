import { expect, test } from "bun:test";
import { formatDuration, parseDuration } from "../../../registry/values/duration.ts";

test.each([
  ["0", 0],
  ["0s", 0],
  ["500ms", 0.5],
  ["30s", 30],
  ["1.5s", 1.5],
  ["10m", 600],
  ["1h30m", 5400],
  ["2d", 172_800],
  ["1m30s500ms", 90.5],
])("%s is %p seconds", (text, seconds) => {
  expect(parseDuration(text)).toBeCloseTo(seconds, 9);
});

test.each(["", "10", "m", "10 m", "-1s", "1y", "1.s", ".5s", "1e3s", "10M", "10m!", "ten", "1s\n"])(
  "%p isn't a duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [0.3, "300ms"],
  [1, "1s"],
  [90, "90s"],
  [600, "10m"],
  [5400, "90m"],
  [86_400, "1d"],
])("%p seconds are written %s, and read back", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
  expect(parseDuration(text)).toBeCloseTo(seconds, 9);
});
