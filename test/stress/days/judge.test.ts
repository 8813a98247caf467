import { describe, expect, test } from "bun:test";
import {
  answeredElsewhere,
  grantedInUse,
  grantedOther,
  isLeft,
  isOver,
  leftBehind,
  lostClaim,
  mayEnd,
  misjudged,
} from "./judge.ts";

const place = (root: string, repository = "/shop") => ({ cwd: `${root}/app`, root, repository });
const sockets = (port: number, ...inodes: string[]) => new Map([[port, new Set(inodes)]]);

test("a port is handed out in use if one socket listened before and after the call", () => {
  expect(grantedInUse(3000, sockets(3000, "7"), sockets(3000, "7"))).toContain("socket 7");
  expect(grantedInUse(3000, sockets(3000, "7"), sockets(3000, "8"))).toBeUndefined();
  expect(grantedInUse(3000, sockets(3000, "7"), sockets(3001, "7"))).toBeUndefined();
});

test("another port than the only one that would do is wrong", () => {
  expect(grantedOther(3001, { exact: true, prefer: 3000 })).toContain("only 3000");
  expect(grantedOther(3000, { exact: true, prefer: 3000 })).toBeUndefined();
  expect(grantedOther(3001, { prefer: 3000 })).toBeUndefined();
});

describe("an answer from another checkout", () => {
  test("is wrong within a repository", () => {
    expect(answeredElsewhere("find", place("/shop"), place("/fix"))).toContain("/fix");
    expect(answeredElsewhere("find", place("/shop"), place("/shop"))).toBeUndefined();
  });

  test("of another repository is wrong for reuse alone", () => {
    expect(answeredElsewhere("find", place("/shop"), place("/blog", "/blog"))).toBeUndefined();
    expect(answeredElsewhere("reuse", place("/shop"), place("/blog", "/blog"))).toContain("/blog");
  });
});

test("a claim is lost if its file is gone, or is another's", () => {
  const promised = { port: 3000, service: "web", place: place("/shop") };
  expect(lostClaim(promised, undefined)).toContain("there is none");
  expect(lostClaim(promised, { service: "api", cwd: "/shop/app" })).toContain("api in /shop/app");
  expect(lostClaim(promised, { service: "web", cwd: "/fix/app" })).toContain("web in /fix/app");
  expect(lostClaim(promised, { service: "web", cwd: "/shop/app" })).toBeUndefined();
});

test("a claim of the same service and place is another if its agent is, and a server's if its time is", () => {
  const promised = { port: 3000, service: "web", place: place("/shop") };
  const file = { service: "web", cwd: "/shop/app", pid: 8, claimed_at: "12:00" };
  expect(lostClaim({ ...promised, pid: 7, claimedAt: "12:00" }, file)).toBeString();
  expect(lostClaim({ ...promised, pid: 8, claimedAt: "11:00" }, file)).toBeUndefined();
  expect(lostClaim({ ...promised, claimedAt: "11:00" }, file)).toBeString();
  expect(lostClaim({ ...promised, claimedAt: "12:00" }, file)).toBeUndefined();
});

test("a claim is over once its owner, its listener and what its owner started have ended", () => {
  const nothing = { owner: false, listener: false, group: false };
  expect(isOver(nothing)).toBe(true);
  for (const left of ["owner", "listener", "group"]) {
    expect(isOver({ ...nothing, [left]: true })).toBe(false);
  }
});

test("a claim that was over is left unless it was removed, or written since", () => {
  const over = { port: 3000, written: 7n };
  expect(isLeft(over, [{ port: 2999, written: 8n }, over])).toBe(true);
  expect(isLeft(over, [{ port: 2999, written: 7n }])).toBe(false);
  expect(isLeft(over, [{ port: 3000, written: 8n }])).toBe(false);
});

describe("the guard is wrong", () => {
  const others = { denied: true, own: false, live: true, proven: true, isFree: false };
  test.each([
    ["to deny an agent its own server", { ...others, own: true }],
    [
      "to deny a server of its checkout whose agent has exited",
      { ...others, live: false, isFree: true },
    ],
    ["to let a proven server of another live agent end", { ...others, denied: false }],
  ])("%s", (_what, asked) => {
    expect(misjudged(asked)).toBeString();
  });

  test.each([
    ["to deny another live agent's server", others],
    ["to deny an orphan of another checkout", { ...others, live: false }],
    ["to pass what no one can prove", { ...others, denied: false, proven: false }],
    ["to pass an agent's own server", { ...others, denied: false, own: true }],
  ])("but not %s", (_what, asked) => {
    expect(misjudged(asked)).toBeUndefined();
  });
});

describe("a call may end", () => {
  const worker = {};
  const server = { service: "web", place: { root: "/shop" }, ports: [3000, 4000], worker };
  test.each([
    ["a server that it names", { server }],
    ["a service of its checkout", { service: "web", root: "/shop", worker: {} }],
    ["a service of its own elsewhere", { service: "web", root: "/fix", worker }],
    ["the server on a port", { port: 4000 }],
  ])("%s", (_what, aim) => {
    expect(mayEnd(aim, server)).toBe(true);
  });

  test.each([
    ["another server than it names", { server: {} }],
    ["another agent's of another checkout", { service: "web", root: "/fix", worker: {} }],
    ["another service", { service: "api", root: "/shop" }],
    ["a server on another port", { port: 5000, root: "/shop" }],
  ])("not %s", (_what, aim) => {
    expect(mayEnd(aim, server)).toBe(false);
  });

  test("a server that has no port yet by any port of its checkout", () => {
    const starting = { ...server, ports: [] };
    expect(mayEnd({ port: 5000, root: "/shop" }, starting)).toBe(true);
    expect(mayEnd({ port: 5000, root: "/fix" }, starting)).toBe(false);
  });
});

test("files are left behind unless they are documented", () => {
  const kept = [".lock", ".pending", "config.toml", "claims", "claims/3000.json", "history.jsonl"];
  expect(leftBehind(kept, [])).toEqual([]);
  expect(leftBehind([...kept, "claims/3000.json.7.tmp"], ["bun-x"])).toEqual([
    "claims/3000.json.7.tmp was left in the registry",
    "bun-x was left in $TMPDIR",
  ]);
});
