import { describe, expect, test } from "bun:test";
import type { Claim } from "../../../registry/model/claim.ts";
import {
  encodeClaim,
  MAX_CLAIM_SIZE,
  decodeClaim,
  patchClaim,
} from "../../../registry/store/codec.ts";

const SEVEN = {
  port: 3000,
  pid: 48_291,
  agent: "claude-code",
  project: "my-app",
  service: "next-dev",
  claimed_at: "2026-03-17T14:32:01.123456Z",
  lease: "ephemeral",
};

const OWNER = {
  command: "claude",
  start: "12345",
  boot: "b",
  pidns: "4026531836",
  netns: "4026531840",
  host: "h",
  group: 48_300,
  at: "1234.5",
};

const withOwner = (changes: object) => ({ ...SEVEN, owner: { ...OWNER, ...changes } });

test("the seven fields alone are a claim", () => {
  expect(decodeClaim(JSON.stringify(SEVEN), 3000)).toEqual(SEVEN as Claim);
});

test("a claim may have an owner, a directory, and unknown fields", () => {
  const claim = { ...withOwner({ later: true }), cwd: "/a", version: 9, tags: ["x", { y: null }] };
  expect(decodeClaim(JSON.stringify(claim), 3000)).toEqual(claim as unknown as Claim);
});

test("an owner's host, boot and namespaces may be unknown", () => {
  const claim = withOwner({ start: null, boot: null, pidns: null, netns: null, host: null });
  expect(decodeClaim(JSON.stringify(claim), 3000)).toEqual(claim as unknown as Claim);
});

describe("row 28: an invalid claim is recognized", () => {
  test.each([
    ["an empty file", "", "empty"],
    ["white space", " \n\t", "empty"],
    ["a truncated file", JSON.stringify(SEVEN).slice(0, -10), "not JSON"],
    ["zeros", "\0".repeat(200), "not JSON"],
    ["a list", "[]", "not a JSON object"],
    ["null", "null", "not a JSON object"],
    ["a number", "3000", "not a JSON object"],
    ["a text", '"claim"', "not a JSON object"],
    ["an empty object", "{}", "its port is not a number from 1 to 65535"],
  ])("%s", (_, text, problem) => {
    expect(decodeClaim(text, 3000)).toBe(problem);
  });
});

test("row 29: more than 64 KiB isn't a claim, whatever follows", () => {
  const padded = JSON.stringify({ ...SEVEN, note: "x".repeat(MAX_CLAIM_SIZE) });
  expect(decodeClaim(padded, 3000)).toBe("larger than 65536 bytes");
  const fits = JSON.stringify({ ...SEVEN, note: "" });
  const note = "x".repeat(MAX_CLAIM_SIZE - fits.length);
  expect(decodeClaim(JSON.stringify({ ...SEVEN, note }), 3000)).toMatchObject({ port: 3000 });
});

test("row 29: deeply nested JSON isn't a claim, since rewriting it could overflow the stack", () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  expect(decodeClaim(deep, 3000)).toBeString();
  const text = encodeClaim(SEVEN as Claim).replace("\n}\n", `,\n  "note": ${deep}\n}\n`);
  expect(decodeClaim(text, 3000)).toBeString();
});

test("row 30: a file whose port and name differ is a claim of neither", () => {
  expect(decodeClaim(JSON.stringify(SEVEN), 3001)).toBe(
    "its port is 3000, but the file is named 3001.json",
  );
});

test.each([
  [0],
  [-1],
  [1.5],
  [2 ** 31],
  [1e300],
  ["48291"],
  [null],
  [true],
  [[48_291]],
  [undefined],
])("row 12: %p isn't a pid", (pid) => {
  expect(decodeClaim(JSON.stringify({ ...SEVEN, pid }), 3000)).toBe("its pid is not a process id");
});

test("row 12: the highest possible pid is one", () => {
  expect(decodeClaim(JSON.stringify({ ...SEVEN, pid: 2 ** 31 - 1 }), 3000)).toBeObject();
});

test.each([
  [{ port: "3000" }, "its port is not a number from 1 to 65535"],
  [{ port: 65_536 }, "its port is not a number from 1 to 65535"],
  [{ agent: 7 }, "its agent is not a string or null"],
  [{ agent: undefined }, "its agent is not a string or null"],
  [{ project: null }, "its project is not a string"],
  [{ service: {} }, "its service is not a string"],
  [{ claimed_at: "yesterday" }, "its claimed_at is not a time"],
  [{ claimed_at: 1_773_757_921 }, "its claimed_at is not a time"],
  [{ lease: "eternal" }, "its lease is neither ephemeral nor persistent"],
  [{ lease: undefined }, "its lease is neither ephemeral nor persistent"],
  [{ cwd: 1 }, "its cwd is not a string"],
  [{ owner: null }, "its owner is malformed"],
  [{ owner: "claude" }, "its owner is malformed"],
  [{ owner: {} }, "its owner is malformed"],
])("row 32: a claim with %j is invalid", (changes, problem) => {
  expect(decodeClaim(JSON.stringify({ ...SEVEN, ...changes }), 3000)).toBe(problem);
});

test.each([
  { command: 1 },
  { start: 12_345 },
  { boot: undefined },
  { pidns: 4 },
  { group: 0 },
  { group: -1 },
  { group: 1.5 },
  { throwaway: "yes" },
  { shell: { pid: 0, start: "1" } },
  { shell: { pid: 1 } },
  { at: 1234 },
  { at: "soon" },
  { asked: "1" },
])("row 32: an owner with %j is invalid", (changes) => {
  expect(decodeClaim(JSON.stringify(withOwner(changes)), 3000)).toBe("its owner is malformed");
});

test("a claim is written in a form that people can read, and read back", () => {
  const claim = withOwner({}) as unknown as Claim;
  expect(encodeClaim(claim)).toStartWith('{\n  "port": 3000,\n  "pid": 48291,\n');
  expect(encodeClaim(claim)).toEndWith("}\n");
  expect(decodeClaim(encodeClaim(claim), 3000)).toEqual(claim);
});

describe("row 32: what a rewrite doesn't change survives byte for byte", () => {
  test.each([
    '"note": "żółw 🐢"',
    '"id": 12345678901234567890',
    '"ratio": 1.0',
    '"small": 1e-400',
    '"zero": -0',
    '"huge": 1E999',
    '"nested": {\n    "deep": [\n      9007199254740993,\n      null\n    ]\n  }',
    '"__proto__": {\n    "polluted": true\n  }',
    '"constructor": "x"',
    '"": ""',
  ])("%s", (field) => {
    const before = encodeClaim(SEVEN as Claim).replace("\n}\n", `,\n  ${field}\n}\n`);
    expect(decodeClaim(before, 3000)).toBeObject();
    const after = patchClaim(before, { pid: 7 });
    expect(after).toBe(before.replace('"pid": 48291', '"pid": 7'));
  });
});

test("fields of an owner change one by one, and one that is undefined is removed", () => {
  const before = encodeClaim(withOwner({ later: 1, throwaway: true }) as unknown as Claim);
  const after = patchClaim(before, { pid: 7, owner: { start: "99", throwaway: undefined } });
  expect(JSON.parse(after)).toEqual({ ...withOwner({ later: 1, start: "99" }), pid: 7 });
});

test("a rewrite gives a seven-field claim an owner", () => {
  const after = patchClaim(encodeClaim(SEVEN as Claim), { pid: 7, owner: OWNER });
  expect(JSON.parse(after)).toEqual({ ...SEVEN, pid: 7, owner: OWNER });
});
