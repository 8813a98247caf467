import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planCommand } from "../../frameworks/plan-command.ts";
import { diskReader } from "../../frameworks/reader.ts";
import { temporaryFolder } from "../harness.ts";

const argv = ["npm", "run", "dev"];
const added = (cwd: string) => planCommand({ argv, cwd, port: 7000 }).added;

test("package.json is read from the disk", () => {
  using folder = temporaryFolder();
  const { path } = folder;
  writeFileSync(join(path, "package.json"), '{"scripts":{"dev":"vite"}}');
  mkdirSync(join(path, "src"));
  expect(added(path)).toEqual(["--port 7000 --strictPort"]);
  expect(added(join(path, "src"))).toEqual(["--port 7000 --strictPort"]);
  symlinkSync("package.json", join(path, "src/package.json"));
  expect(diskReader.listDirectory(path).toSorted()).toEqual(["package.json", "src"]);
});

test("one of ten megabytes, a pipe, a directory and a broken link are left alone", () => {
  using folder = temporaryFolder();
  const place = (name: string) => {
    const path = join(folder.path, name);
    mkdirSync(path);
    return path;
  };
  const large = place("large");
  const text = JSON.stringify({ scripts: { dev: "vite" }, filler: "x".repeat(10 << 20) });
  writeFileSync(join(large, "package.json"), text);
  const pipe = place("pipe");
  Bun.spawnSync(["mkfifo", join(pipe, "package.json")]);
  const directory = place("directory");
  mkdirSync(join(directory, "package.json"));
  const link = place("link");
  symlinkSync("missing", join(link, "package.json"));
  const circle = place("circle");
  symlinkSync("package.json", join(circle, "package.json"));
  const device = place("device");
  symlinkSync("/dev/zero", join(device, "package.json"));
  for (const cwd of [large, pipe, directory, link, circle, device]) expect(added(cwd)).toEqual([]);
  expect(diskReader.listDirectory(join(folder.path, "missing"))).toEqual([]);
});

test("only a regular file that may be run is a program", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "x");
  expect(diskReader.isProgram(path)).toBe(false);
  expect(diskReader.isProgram(folder.path)).toBe(false);
  writeFileSync(path, "#!/bin/sh\n", { mode: 0o644 });
  expect(diskReader.isProgram(path)).toBe(false);
  writeFileSync(`${path}y`, "#!/bin/sh\n", { mode: 0o755 });
  expect(diskReader.isProgram(`${path}y`)).toBe(true);
  expect(diskReader.exists(path)).toBe(true);
});
