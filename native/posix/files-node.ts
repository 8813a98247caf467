import type { BigIntStats } from "node:fs";
import { SystemError, unless } from "../errno.ts";
import type { Files, Stat } from "../types.ts";

/** The errors of {@link isInvisible}, by name. */
const INVISIBLE = ["EPERM", "ENOENT", "ESRCH", "EACCES", "ENOTDIR"];

/** Bytes to read at a time. */
const PART = 64 * 1024;

/** Turns errors of node:fs into SystemErrors with the same code. */
function named<T>(call: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code } = error as { code?: string };
    throw code === undefined ? error : new SystemError(code, call, path);
  }
}

function describe(stat: BigIntStats): Stat {
  let kind: Stat["kind"] = "other";
  if (stat.isFile()) kind = "file";
  else if (stat.isDirectory()) kind = "directory";
  else if (stat.isSymbolicLink()) kind = "symlink";
  return {
    kind,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    links: Number(stat.nlink),
    mtime: Number(stat.mtimeNs) / 1e9,
    id: `${stat.dev}:${stat.ino}`,
  };
}

/** The file system through node:fs: for macOS, and for reading where libc can't be called. */
export function filesByNode(): Files {
  // startup: importing it would cost every command 2 ms.
  const fs = process.getBuiltinModule("node:fs");
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } =
    fs.constants;
  const writeAll = (descriptor: number, bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
  };
  const byNode: Files = {
    read: (path, limit, follow = false) =>
      named("read", path, () => {
        const descriptor = fs.openSync(path, O_RDONLY | (follow ? 0 : O_NOFOLLOW) | O_NONBLOCK);
        try {
          const parts: Uint8Array[] = [];
          let left = limit;
          let count: number;
          do {
            const part = new Uint8Array(Math.min(left, PART));
            count = fs.readSync(descriptor, part);
            parts.push(part.subarray(0, count));
            left -= count;
          } while (count > 0 && left > 0);
          return new TextDecoder().decode(Bun.concatArrayBuffers(parts));
        } finally {
          fs.closeSync(descriptor);
        }
      }),
    readIfThere: (path, limit, follow) =>
      unless(["ENOENT"], () => byNode.read(path, limit, follow)),
    list: (directory) => named("readdir", directory, () => fs.readdirSync(directory)),
    append: (path, text) =>
      named("append", path, () => {
        const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
        const descriptor = fs.openSync(path, flags, 0o600);
        try {
          const { kind, size } = byNode.statOpen(descriptor);
          if (kind !== "file") throw new SystemError("EINVAL", "append", path);
          const bytes = new TextEncoder().encode(text);
          writeAll(descriptor, bytes);
          return size + bytes.length;
        } finally {
          fs.closeSync(descriptor);
        }
      }),
    create: (path, text, sync) =>
      named("create", path, () => {
        const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
        const descriptor = fs.openSync(path, flags, 0o600);
        try {
          writeAll(descriptor, new TextEncoder().encode(text));
          if (sync) fs.fsyncSync(descriptor);
        } catch (error) {
          fs.unlinkSync(path);
          throw error;
        } finally {
          fs.closeSync(descriptor);
        }
      }),
    overwrite: (path, text) =>
      named("overwrite", path, () => {
        const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
        const descriptor = fs.openSync(path, flags, 0o600);
        try {
          const bytes = new TextEncoder().encode(text);
          writeAll(descriptor, bytes);
          fs.ftruncateSync(descriptor, bytes.length);
        } finally {
          fs.closeSync(descriptor);
        }
      }),
    rename: (from, to) => named("rename", to, () => fs.renameSync(from, to)),
    remove: (path) => named("unlink", path, () => fs.unlinkSync(path)),
    makeDirectory: (path) => named("mkdir", path, () => fs.mkdirSync(path, 0o700)),
    stat: (path) => named("stat", path, () => describe(fs.lstatSync(path, { bigint: true }))),
    readLink: (path) => named("readlink", path, () => fs.readlinkSync(path)),
    statIfVisible: (path) => unless(INVISIBLE, () => byNode.stat(path)),
    readLinkIfVisible: (path) => unless(INVISIBLE, () => byNode.readLink(path)),
    protect: (path) => named("chmod", path, () => fs.chmodSync(path, 0o700)),
    open: (path) =>
      named("open", path, () =>
        fs.openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600),
      ),
    statOpen: (descriptor) =>
      named("stat", `descriptor ${descriptor}`, () =>
        describe(fs.fstatSync(descriptor, { bigint: true })),
      ),
    close: (descriptor) => named("close", "", () => fs.closeSync(descriptor)),
  };
  return byNode;
}
