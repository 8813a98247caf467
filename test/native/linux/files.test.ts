import { describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { files as chosenHere } from "../../../native/files.ts";
import { filesByNode } from "../../../native/posix/files-node.ts";
import type { Files } from "../../../native/types.ts";
import { temporaryFolder, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { mountMemory } from "../../privileged.ts";

const implementations: [string, Files][] = [["node:fs", filesByNode()]];
if (process.platform === "linux") implementations.push(["libc", chosenHere()]);

/** The code of the error that an action ends with, which is a SystemError that names the path. */
function failure(action: () => unknown): { name: string; code: string; message: string } {
  try {
    action();
  } catch (error) {
    const { name, code, message } = error as Error & { code: string };
    return { name, code, message };
  }
  throw new Error("it did not fail");
}

describe.each(implementations)("files by %s", (_, files) => {
  test("a file is created once, private, and read back", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/a`;
    files.create(path, "żółw 🐢\n", true);
    expect(files.read(path, 100)).toBe("żółw 🐢\n");
    expect(files.stat(path)).toMatchObject({ kind: "file", mode: 0o600, size: 13, links: 1 });
    expect(failure(() => files.create(path, "other", false)).code).toBe("EEXIST");
    expect(files.read(path, 100)).toBe("żółw 🐢\n");
  });

  test.each(["", "plain", "a\0b", "\u00e9\0", "\ud800", "\u00e9".repeat(5000), "\0".repeat(3)])(
    "all of a text is written, %#",
    (text) => {
      using folder = temporaryFolder();
      const path = `${folder.path}/a`;
      files.create(path, text, false);
      expect([...fs.readFileSync(path)]).toEqual([...Buffer.from(text)]);
    },
  );

  test("a text is added to the end of a file, which is created if it is missing", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/a`;
    expect(files.append(path, "żółw\n")).toBe(8);
    expect(files.append(path, "🐢\n")).toBe(13);
    expect(fs.readFileSync(path, "utf8")).toBe("żółw\n🐢\n");
    expect(files.stat(path)).toMatchObject({ kind: "file", mode: 0o600 });
    fs.symlinkSync(path, `${folder.path}/link`);
    expect(failure(() => files.append(`${folder.path}/link`, "x")).code).toBe("ELOOP");
    expect(failure(() => files.append(folder.path, "x")).code).toBe("EISDIR");
    expect(failure(() => files.append(`${folder.path}/no/a`, "x")).code).toBe("ENOENT");
  });

  test("nothing is added to a pipe, whose reader might never read", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/pipe`;
    Bun.spawnSync(["mkfifo", path]);
    const reader = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    expect(failure(() => files.append(path, "x")).code).toBe("EINVAL");
    fs.closeSync(reader);
  });

  test("a file is overwritten in place, and created if it is missing", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/a`;
    files.overwrite(path, "new");
    const { id } = files.stat(path);
    for (const text of ["żółw", "a longer text", "short", "", "żółw 🐢"]) {
      files.overwrite(path, text);
      expect(fs.readFileSync(path, "utf8")).toBe(text);
    }
    expect(files.stat(path)).toMatchObject({ id, kind: "file", mode: 0o600 });
    fs.symlinkSync(path, `${folder.path}/link`);
    expect(failure(() => files.overwrite(`${folder.path}/link`, "x")).code).toBe("ELOOP");
    expect(failure(() => files.overwrite(folder.path, "x")).code).toBe("EISDIR");
    expect(failure(() => files.overwrite(`${folder.path}/no/a`, "x")).code).toBe("ENOENT");
  });

  test("no umask makes a file or directory more open", () => {
    using folder = temporaryFolder();
    const before = process.umask(0);
    try {
      files.create(`${folder.path}/a`, "", false);
      files.makeDirectory(`${folder.path}/d`);
      files.close(files.open(`${folder.path}/l`));
    } finally {
      process.umask(before);
    }
    const modes = ["a", "d", "l"].map((name) => files.stat(`${folder.path}/${name}`).mode);
    expect(modes).toEqual([0o600, 0o700, 0o600]);
  });

  test("a directory is made accessible to its owner only", () => {
    using folder = temporaryFolder();
    fs.chmodSync(folder.path, 0o777);
    files.protect(folder.path);
    expect(files.stat(folder.path).mode).toBe(0o700);
    expect(failure(() => files.protect(`${folder.path}/none`)).code).toBe("ENOENT");
  });

  test.each([
    ["an empty file", "", ""],
    ["a file as long as a block of 1024 bytes", "y".repeat(1024), "y".repeat(1024)],
    ["one that is not UTF-8", Uint8Array.of(0x61, 0xff, 0x62), "a\ufffdb"],
    ["one with a byte order mark", "\ufeffmarked", "marked"],
  ])("%s is read as text", (__, bytes, text) => {
    using folder = temporaryFolder();
    fs.writeFileSync(`${folder.path}/a`, bytes);
    expect(files.read(`${folder.path}/a`, 2000)).toBe(text);
  });

  // 72 KiB is the size of the buffer that files are read into.
  test.each([72 * 1024 - 1, 72 * 1024, 72 * 1024 + 1, 300_000])(
    "all of %d bytes are read where there is no limit",
    (size) => {
      using folder = temporaryFolder();
      fs.writeFileSync(`${folder.path}/a`, "x".repeat(size));
      expect(files.read(`${folder.path}/a`, Infinity)).toBe("x".repeat(size));
    },
  );

  test.if(process.platform === "linux")("a table of the kernel is read to its end", () => {
    const path = "/proc/kallsyms";
    expect(files.read(path, Infinity).length).toBe(fs.readFileSync(path).length);
  });

  test("no more than the limit is read", () => {
    using folder = temporaryFolder();
    files.create(`${folder.path}/a`, "x".repeat(200_000), false);
    expect(files.read(`${folder.path}/a`, 10)).toBe("xxxxxxxxxx");
    expect(files.read(`${folder.path}/a`, 150_000)).toHaveLength(150_000);
  });

  test("a missing file has its own error, with the call and the path", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/none`;
    const calls: [string, () => unknown][] = [
      ["read", () => files.read(path, 10)],
      ["list", () => files.list(path)],
      ["remove", () => files.remove(path)],
      ["stat", () => files.stat(path)],
      ["readLink", () => files.readLink(path)],
      ["rename", () => files.rename(path, `${path}2`)],
      ["makeDirectory", () => files.makeDirectory(`${path}/deeper`)],
      ["create", () => files.create(`${path}/deeper`, "", true)],
      ["open", () => files.open(`${path}/deeper`)],
    ];
    for (const [call, action] of calls) {
      const { name, code, message } = failure(action);
      expect([call, name, code]).toEqual([call, "SystemError", "ENOENT"]);
      expect(message).toContain(path);
    }
  });

  test("rows 20 and 33: a symlink is never followed", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/link`;
    files.create(`${folder.path}/target`, "secret", false);
    fs.symlinkSync("target", path);
    expect(failure(() => files.read(path, 10)).code).toBe("ELOOP");
    expect(failure(() => files.open(path)).code).toBe("ELOOP");
    expect(failure(() => files.create(path, "", false)).code).toBe("EEXIST");
    expect(files.stat(path).kind).toBe("symlink");
    expect(files.readLink(path)).toBe("target");
    files.remove(path);
    expect(files.read(`${folder.path}/target`, 10)).toBe("secret");
  });

  test("a folder lists all of its names and nothing else", () => {
    using folder = temporaryFolder();
    const names = Array.from({ length: 800 }, (__, i) => `${i}-${"n".repeat(i % 200)}`);
    names.push("żółw 🐢", ".hidden");
    for (const name of names) fs.writeFileSync(`${folder.path}/${name}`, "");
    expect(files.list(folder.path).toSorted()).toEqual(names.toSorted());
  });

  test("a file can't be read as a directory, nor a directory as a file", () => {
    using folder = temporaryFolder();
    files.create(`${folder.path}/a`, "", false);
    expect(failure(() => files.list(`${folder.path}/a`)).code).toBe("ENOTDIR");
    expect(failure(() => files.read(folder.path, 10)).code).toBe("EISDIR");
    expect(failure(() => files.makeDirectory(folder.path)).code).toBe("EEXIST");
    expect(files.stat(folder.path).kind).toBe("directory");
  });

  test("opening something that isn't a file never blocks", async () => {
    await using world = new World();
    await world.exec(["mkfifo", world.path("fifo")]);
    expect(files.read(world.path("fifo"), 10)).toBe("");
    expect(files.stat(world.path("fifo")).kind).toBe("other");
  });

  needs("mounts").test(
    "row 24: a file that doesn't fit is an error, and no part of it is left",
    () => {
      using folder = temporaryFolder();
      using _disk = mountMemory(`${folder.path}/disk`, "size=16k");
      const path = `${folder.path}/disk/a`;
      const { code, message } = failure(() => files.create(path, "x".repeat(30_000), true));
      expect([code, message]).toEqual(["ENOSPC", expect.stringContaining(path) as never]);
      expect(files.list(`${folder.path}/disk`)).toEqual([]);
      files.create(path, "x".repeat(10_000), true);
      expect(files.read(path, 30_000)).toHaveLength(10_000);
    },
  );

  test("a rename replaces the target, and keeps the file", () => {
    using folder = temporaryFolder();
    const [from, to] = [`${folder.path}/from`, `${folder.path}/to`];
    files.create(from, "new", false);
    files.create(to, "old", false);
    const { id } = files.stat(from);
    expect(files.stat(to).id).not.toBe(id);
    files.rename(from, to);
    expect(files.stat(to).id).toBe(id);
    expect(files.list(folder.path)).toEqual(["to"]);
  });

  test("an open file shows that its last name was removed", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/lock`;
    const descriptor = files.open(path);
    expect(files.statOpen(descriptor)).toEqual(files.stat(path));
    fs.linkSync(path, `${path}2`);
    expect(files.statOpen(descriptor).links).toBe(2);
    files.remove(path);
    files.remove(`${path}2`);
    expect(files.statOpen(descriptor).links).toBe(0);
    files.close(descriptor);
    expect(failure(() => files.statOpen(descriptor)).name).toBe("SystemError");
  });

  test("both report the same about a file", () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/a`;
    files.create(path, "text", true);
    fs.chmodSync(path, 0o4751);
    fs.utimesSync(path, 1000, 1_234_567_890.125);
    const stat = fs.statSync(path, { bigint: true });
    expect(files.stat(path)).toMatchObject({
      kind: "file",
      mode: 0o4751,
      uid: Number(stat.uid),
      size: 4,
      links: 1,
      mtime: 1_234_567_890.125,
    });
    expect(files.stat(path).id).toEndWith(`:${stat.ino}`);
  });

  test("a path that holds a NUL is refused, not cut short", () => {
    using folder = temporaryFolder();
    expect(() => files.create(`${folder.path}/a\0b`, "", false)).toThrow();
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });
});
