import { SystemError } from "./errno.ts";
import type { Files, Stat } from "./facts.ts";
import { checked, cstring, errnoCode, hasLibc, libc } from "./libc.ts";

// fcntl.h of Linux, the same on x86_64 and aarch64 but for O_NOFOLLOW and O_DIRECTORY.
const arm = process.arch === "arm64";
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_NONBLOCK = 0o4000;
const O_DIRECTORY = arm ? 0o40000 : 0o200000;
const O_NOFOLLOW = arm ? 0o100000 : 0o400000;
const O_CLOEXEC = 0o2000000;
const O_WRONLY = 1;

const SYS_GETDENTS64 = arm ? 61 : 217;
const SYS_STATX = arm ? 291 : 332;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const NOTHING = new Uint8Array(1);

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const buffer = new Uint8Array(72 * 1024);
const statx = new DataView(new ArrayBuffer(256));
const statxBytes = new Uint8Array(statx.buffer);

function openFile(path: string, flags: number, mode = 0): number {
  return checked(libc().open(cstring(path), flags | O_CLOEXEC, mode), "open", path);
}

const KINDS: Record<number, Stat["kind"]> = {
  0o100000: "file",
  0o040000: "directory",
  0o120000: "symlink",
};

// struct statx is laid out alike on every architecture: statx(2).
function statAt(directory: number, path: Uint8Array, flags: number, name: string): Stat {
  const result = libc().syscall(SYS_STATX, directory, path, flags, STATX_BASIC_STATS, statxBytes);
  checked(result, "stat", name);
  const mode = statx.getUint16(28, true);
  return {
    kind: KINDS[mode & 0o170000] ?? "other",
    mode: mode & 0o7777,
    uid: statx.getUint32(20, true),
    size: Number(statx.getBigUint64(40, true)),
    links: statx.getUint32(16, true),
    mtime: Number(statx.getBigInt64(112, true)) + statx.getUint32(120, true) / 1e9,
    id: `${statx.getUint32(136, true)}:${statx.getUint32(140, true)}:${statx.getBigUint64(32, true)}`,
  };
}

/** Writes every byte to a descriptor: short writes are continued, EINTR is repeated. */
export function writeFully(descriptor: number, bytes: Uint8Array, path?: string): void {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.subarray(done);
    const count = libc().write(descriptor, rest, rest.length);
    if (count >= 0) {
      done += count;
      continue;
    }
    const code = errnoCode();
    if (code === "EAGAIN") libc().usleep(1000);
    else if (code !== "EINTR") throw new SystemError(code, "write", path);
  }
}

/** The file system by libc alone: importing node:fs would cost a fifth of an `acquire`. */
const byLibc: Files = {
  read(path, limit, follow = false) {
    const target = limit <= buffer.length ? buffer : new Uint8Array(limit);
    const descriptor = openFile(path, (follow ? 0 : O_NOFOLLOW) | O_NONBLOCK);
    try {
      let size = 0;
      let count: number;
      do {
        const rest = target.subarray(size, limit);
        count = checked(libc().read(descriptor, rest, rest.length), "read", path);
        size += count;
        // The kernel gives a table of /proc a page at a time; a small file comes at once.
      } while (count >= 1024 && size < limit);
      return decoder.decode(target.subarray(0, size));
    } finally {
      libc().close(descriptor);
    }
  },
  list(directory) {
    const descriptor = openFile(directory, O_DIRECTORY | O_NONBLOCK);
    const view = new DataView(buffer.buffer);
    const names: string[] = [];
    try {
      for (;;) {
        const call = libc().syscall(SYS_GETDENTS64, descriptor, buffer, buffer.length, 0, null);
        const count = checked(call, "readdir", directory);
        if (count === 0) return names;
        for (let at = 0; at < count; at += view.getUint16(at + 16, true)) {
          const end = buffer.indexOf(0, at + 19);
          const name = decoder.decode(buffer.subarray(at + 19, end));
          if (name !== "." && name !== "..") names.push(name);
        }
      }
    } finally {
      libc().close(descriptor);
    }
  },
  create(path, text, sync) {
    const descriptor = openFile(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFully(descriptor, encoder.encode(text), path);
      if (sync) checked(libc().fsync(descriptor), "fsync", path);
    } catch (error) {
      libc().unlink(cstring(path));
      throw error;
    } finally {
      libc().close(descriptor);
    }
  },
  rename(from, to) {
    checked(libc().rename(cstring(from), cstring(to)), "rename", to);
  },
  remove(path) {
    checked(libc().unlink(cstring(path)), "unlink", path);
  },
  makeDirectory(path) {
    checked(libc().mkdir(cstring(path), 0o700), "mkdir", path);
  },
  stat(path) {
    return statAt(AT_FDCWD, cstring(path), AT_SYMLINK_NOFOLLOW, path);
  },
  readLink(path) {
    const size = checked(libc().readlink(cstring(path), buffer, 4096), "readlink", path);
    return decoder.decode(buffer.subarray(0, size));
  },
  protect(path) {
    checked(libc().chmod(cstring(path), 0o700), "chmod", path);
  },
  open(path) {
    return openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  },
  statOpen(descriptor) {
    return statAt(descriptor, NOTHING, AT_EMPTY_PATH, `descriptor ${descriptor}`);
  },
  close(descriptor) {
    libc().close(descriptor);
  },
};

let chosen: Files | undefined;

/** The file system: by libc on Linux, by node:fs on macOS and where libc can't be called. */
export function files(): Files {
  chosen ??= process.platform === "linux" && hasLibc() ? byLibc : byNode();
  return chosen;
}

function byNode(): Files {
  return (require("./files-node.ts") as typeof import("./files-node.ts")).byNode;
}
