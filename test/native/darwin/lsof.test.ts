import { expect, test } from "bun:test";
import { parseLsof } from "../../../native/darwin/lsof.ts";

// lsof -nP -d cwd -iTCP -sTCP:LISTEN -Fpufn on macOS.
const OUTPUT = `\
p387
u501
fcwd
n/Users/me
f9
n127.0.0.1:49152
f12
n[::1]:49152
p4711
u501
f18
n*:3000
p90
u0
f5
n[fe80:1::1]:5000
f7
n192.168.1.20:7000
`;

test("every socket is read with its pid and user", () => {
  expect(parseLsof(OUTPUT).listeners).toEqual([
    { port: 49_152, address: "127.0.0.1", uid: 501, inode: 0, pid: 387 },
    { port: 49_152, address: "::1", uid: 501, inode: 0, pid: 387 },
    { port: 3000, address: "::", uid: 501, inode: 0, pid: 4711 },
    { port: 5000, address: "fe80:1::1", uid: 0, inode: 0, pid: 90 },
    { port: 7000, address: "192.168.1.20", uid: 0, inode: 0, pid: 90 },
  ]);
});

test.each([
  ["nothing listens", ""],
  ["a socket that has no port yet", "p1\nu0\nf3\nn*:*\n"],
  ["a warning of lsof", "lsof: WARNING: can't stat() file system\n"],
])("%s: no listener", (_, text) => {
  expect(parseLsof(text).listeners).toEqual([]);
});

test("a working directory is not mistaken for a socket", () => {
  expect([...parseLsof(OUTPUT).directories]).toEqual([[387, "/Users/me"]]);
});
