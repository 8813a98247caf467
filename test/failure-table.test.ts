import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";

const rows = readFileSync(`${import.meta.dir}/README.md`, "utf8")
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line));

test("every row of the failure table names tests that exist", () => {
  const numbers = rows.map((row) => Number(row.split("|")[1]));
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  const missing = rows.flatMap((row) => {
    const named = [...row.matchAll(/`([^`]+)` "([^"]+)"/g)];
    const absent = named.filter(([, path = "", title = ""]) => !isThere(path, title));
    return named.length === 0 ? [row] : absent.map(([whole]) => whole);
  });
  expect(missing).toEqual([]);
});

function isThere(path: string, title: string): boolean {
  const file = `${import.meta.dir}/${path}`;
  return existsSync(file) && readFileSync(file, "utf8").includes(title);
}
