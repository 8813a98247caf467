import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { tar } from "../../scripts/tar.ts";
import { World } from "../harness.ts";

const text = (value: string) => new TextEncoder().encode(value);
const FILES = [
  { name: "empty", bytes: text("") },
  { name: "program", bytes: text("x".repeat(512)), mode: 0o755 },
  { name: "long", bytes: text("y".repeat(1025)) },
];

test("tar unpacks an archive to the same files, with their modes", async () => {
  await using world = new World();
  await Bun.write(world.path("a.tar"), tar(FILES));
  const { code, err } = await world.exec(["tar", "xf", "a.tar"], { cwd: world.path(".") });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const { name, bytes, mode = 0o644 } of FILES) {
    expect(await Bun.file(world.path(name)).bytes()).toEqual(bytes);
    expect(statSync(world.path(name)).mode & 0o777).toBe(mode);
  }
});

test("a changed byte is noticed", async () => {
  await using world = new World();
  const bytes = tar(FILES);
  bytes[3] = 33;
  await Bun.write(world.path("a.tar"), bytes);
  expect((await world.exec(["tar", "tf", "a.tar"], { cwd: world.path(".") })).code).not.toBe(0);
});

test("a name that is too long for the format is refused", () => {
  expect(() => tar([{ name: "n".repeat(100), bytes: text("") }])).toThrow(
    "too long for a tar archive",
  );
});
