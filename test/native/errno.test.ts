import { expect, test } from "bun:test";
import { constants } from "node:os";
import { errnoName, SystemError, unless } from "../../native/errno.ts";

const NAMES = [
  "EPERM",
  "ENOENT",
  "ESRCH",
  "EINTR",
  "EIO",
  "ENXIO",
  "EAGAIN",
  "ENOMEM",
  "EACCES",
  "EEXIST",
  "ENODEV",
  "ENOTDIR",
  "EISDIR",
  "EINVAL",
  "ENFILE",
  "EMFILE",
  "ENOSPC",
  "EROFS",
  "EPIPE",
  "ENAMETOOLONG",
  "ENOLCK",
  "ENOSYS",
  "ENOTEMPTY",
  "ELOOP",
  "EAFNOSUPPORT",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "ESTALE",
  "EDQUOT",
] as const;

test.each(NAMES)("%s has this platform's number", (name) => {
  expect(errnoName(constants.errno[name])).toBe(name);
});

test("a number without a name here is printed", () => {
  expect(errnoName(4095)).toBe("errno 4095");
});

test("only the errors named become undefined", () => {
  const failing = (code: string) => () => {
    throw new SystemError(code, "read", "/a");
  };
  expect(unless(["ENOENT", "EACCES"], failing("EACCES"))).toBeUndefined();
  expect(() => unless(["ENOENT"], failing("EIO"))).toThrow("read /a: EIO");
  expect(() =>
    unless(["ENOENT"], () => {
      throw new TypeError("a bug");
    }),
  ).toThrow(TypeError);
});
