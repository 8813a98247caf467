import { expect, test } from "bun:test";
import { isPort, portOfFile } from "../../../registry/model/claim.ts";
import { formatAge, formatTime } from "../../../registry/model/time.ts";

test.each([
  ["3000.json", 3000],
  ["1.json", 1],
  ["65535.json", 65_535],
])("%s is the file of port %d", (name, port) => {
  expect(portOfFile(name)).toBe(port);
});

test.each([
  "0.json",
  "65536.json",
  "99999.json",
  "03000.json",
  "+3000.json",
  "3000.JSON",
  "3000.json.tmp",
  "3000.json~",
  ".3000.json",
  "3000",
  "3e3.json",
  "3000.json\n",
  "٣٠٠٠.json",
  "",
])("row 31: %p isn't a claim file", (name) => {
  expect(portOfFile(name)).toBeUndefined();
});

test.each([0, -1, 65_536, 1.5, Number.NaN, Infinity, "3000", null, undefined, 3000n])(
  "%p isn't a port",
  (value) => {
    expect(isPort(value)).toBe(false);
  },
);

test.each([
  [0, "0s"],
  [59.9, "59s"],
  [60, "1m"],
  [3599, "59m"],
  [3600, "1h"],
  [48 * 3600 - 1, "47h"],
  [48 * 3600, "2d"],
])("%p seconds ago is %s", (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

test("a time is in UTC, with microseconds", () => {
  expect(formatTime(1_773_757_921_123_456)).toBe("2026-03-17T14:32:01.123456Z");
  expect(formatTime(1_773_757_921_000_007)).toBe("2026-03-17T14:32:01.000007Z");
});

test("times sort chronologically", () => {
  const moments = [1_773_757_921_999_999, 1_773_757_922_000_000, 1_773_757_922_000_001];
  expect(moments.map(formatTime).toSorted()).toEqual(moments.map(formatTime));
});
