import { expect, test } from "bun:test";
import { RegistryError } from "../../../registry/errors/errors.ts";
import { validateName, projectName } from "../../../registry/values/name.ts";

test.each([
  "web",
  "next-dev",
  "My App (old)",
  "über-größe",
  "データベース",
  "🐢",
  "👩‍👩‍👧‍👦",
  "a".repeat(128),
  "🐢".repeat(128),
  "-",
  "$(reboot)",
])("%p is a name", (name) => {
  expect(validateName("service", name)).toBe(name);
});

test.each([
  ["", "it is empty"],
  ["   ", "it is empty"],
  ["a".repeat(129), "it is longer than 128 characters"],
  ["🐢".repeat(129), "it is longer than 128 characters"],
  ["a/b", 'it contains a "/"'],
  ["/", 'it contains a "/"'],
  ["a\nb", "it contains unprintable characters"],
  ["a\u0000b", "it contains unprintable characters"],
  ["\u001b[31mred", "it contains unprintable characters"],
  ["\u009b31m", "it contains unprintable characters"],
  ["a\u202egnp.exe", "it contains unprintable characters"],
  ["a\u2028b", "it contains unprintable characters"],
  ["\ud800", "it contains unprintable characters"],
  ["\ufeffweb", "it contains unprintable characters"],
])("%p isn't a name: %s", (name, problem) => {
  expect(() => validateName("project", name)).toThrow(RegistryError);
  expect(() => validateName("project", name)).toThrow(problem);
});

test("a refusal says what the name was for, and shows it escaped", () => {
  expect(() => validateName("agent", "\u001b[31m")).toThrow(
    String.raw`invalid agent "\u001b[31m": it contains unprintable characters`,
  );
});

test.each([
  ["/home/me/my-app", "my-app"],
  ["/home/me/my-app/", "my-app"],
  ["/home/me/a\nb", "a-b"],
  ["/", "root"],
  ["", "root"],
  ["/home/me/ ", "root"],
  [`/home/me/${"x".repeat(200)}`, "x".repeat(128)],
])("the project of %p is %p", (directory, project) => {
  expect(projectName(directory)).toBe(project);
  expect(validateName("project", projectName(directory))).toBe(project);
});
