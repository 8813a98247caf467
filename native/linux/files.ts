import { ENOENT, errnoName, isInvisible, SystemError } from "../errno.ts";
import { checked, errno, errnoCode, libc, coldLibc, whole } from "../posix/libc.ts";
import type { Files } from "../types.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDWR,
  O_WRONLY,
  SYS_GETDENTS64,
} from "./fcntl.ts";
import { found, statAt } from "./statx.ts";

const decoder = new TextDecoder();
const buffer = new Uint8Array(72 * 1024);

function openFile(path: string, flags: number, mode = 0): number {
  const descriptor = libc().open(whole(path), flags | O_CLOEXEC, mode);
  if (descriptor < 0) throw new SystemError(errnoCode(), "open", path);
  return descriptor;
}

/** Whether a call succeeded. startup: creating an error only to drop it costs up to 0.1 ms. */
function isThere(result: number, call: string, path: string): boolean {
  if (result >= 0) return true;
  const number = errno();
  if (isInvisible(number)) return false;
  throw new SystemError(errnoName(number), call, path);
}

/** The bytes of a text; `undefined` for ASCII, which libc takes unchanged. */
function bytesOf(text: string): Uint8Array | undefined {
  // startup: `Buffer.byteLength` would count them too, but creating Buffer costs 0.3 ms.
  const isAscii = libc().strlen(text) === text.length && !text.includes("\0");
  return isAscii ? undefined : new TextEncoder().encode(text);
}

/** Writes all of a text to a descriptor, in as many write(2) calls as it takes; returns its bytes. */
export function writeFully(descriptor: number, text: string, path?: string): number {
  const bytes = bytesOf(text);
  const size = bytes?.length ?? text.length;
  for (let done = 0; done < size;) {
    const rest = done === 0 ? (bytes ?? text) : (bytes?.subarray(done) ?? text.slice(done));
    const count = libc().write(descriptor, rest, size - done);
    if (count >= 0) {
      done += count;
      continue;
    }
    const code = errnoCode();
    if (code === "EAGAIN") coldLibc().usleep(1000);
    else if (code !== "EINTR") throw new SystemError(code, "write", path);
  }
  return size;
}

/** Reads at most `limit` bytes as text, and closes the file. */
function readAll(descriptor: number, path: string, limit: number): string {
  const { close, read } = libc();
  let target = buffer;
  let size = 0;
  let room: number;
  let count: number;
  do {
    if (size === target.length) {
      const larger = new Uint8Array(limit < size * 4 ? limit : size * 4);
      larger.set(target);
      target = larger;
    }
    room = (limit < target.length ? limit : target.length) - size;
    count = read(descriptor, size === 0 ? target : target.subarray(size), room);
    if (count > 0) size += count;
    // The kernel returns tables of /proc page by page: only the last part is under 1 KiB.
  } while ((count >= 1024 || (count > 0 && count === room)) && size < limit);
  const code = count < 0 ? errnoCode() : "";
  close(descriptor);
  if (code !== "") throw new SystemError(code, "read", path);
  return decoder.decode(target.subarray(0, size));
}

/** The file system through libc alone. startup: importing node:fs would cost a fifth of an acquire. */
export const byLibc: Files = {
  read(path, limit, follow = false) {
    return readAll(openFile(path, (follow ? 0 : O_NOFOLLOW) | O_NONBLOCK), path, limit);
  },
  readIfThere(path, limit, follow = false) {
    const flags = (follow ? 0 : O_NOFOLLOW) | O_NONBLOCK | O_CLOEXEC;
    const descriptor = libc().open(whole(path), flags, 0);
    if (descriptor >= 0) return readAll(descriptor, path, limit);
    const number = errno();
    if (number === ENOENT) return undefined;
    throw new SystemError(errnoName(number), "open", path);
  },
  append(path, text) {
    const descriptor = openFile(
      path,
      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK,
      0o600,
    );
    try {
      const { kind, size } = byLibc.statOpen(descriptor);
      // A pipe that no process reads would block the writer.
      if (kind !== "file") throw new SystemError("EINVAL", "append", path);
      return size + writeFully(descriptor, text, path);
    } finally {
      libc().close(descriptor);
    }
  },
  list(directory) {
    const descriptor = openFile(directory, O_DIRECTORY | O_NONBLOCK);
    const names: string[] = [];
    try {
      for (;;) {
        const call = libc().syscall(SYS_GETDENTS64, descriptor, buffer, buffer.length, 0, null);
        const count = checked(call, "readdir", directory);
        if (count === 0) return names;
        // struct linux_dirent64 of getdents(2): the size of an entry is at byte 16, its name at byte 19.
        for (let at = 0; at < count; at += (buffer[at + 16] ?? 0) + (buffer[at + 17] ?? 0) * 256) {
          const name = decoder.decode(buffer.subarray(at + 19, buffer.indexOf(0, at + 19)));
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
      writeFully(descriptor, text, path);
      if (sync) checked(libc().fsync(descriptor), "fsync", path);
    } catch (error) {
      libc().unlink(whole(path));
      throw error;
    } finally {
      libc().close(descriptor);
    }
  },
  overwrite(path, text) {
    const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    const descriptor = openFile(path, flags, 0o600);
    try {
      const size = writeFully(descriptor, text, path);
      if (byLibc.statOpen(descriptor).size <= size) return;
      checked(coldLibc().ftruncate(descriptor, size), "ftruncate", path);
    } finally {
      libc().close(descriptor);
    }
  },
  rename(from, to) {
    checked(libc().rename(whole(from), whole(to)), "rename", to);
  },
  remove(path) {
    checked(libc().unlink(whole(path)), "unlink", path);
  },
  makeDirectory(path) {
    checked(coldLibc().mkdir(whole(path), 0o700), "mkdir", path);
  },
  stat(path) {
    checked(statAt(AT_FDCWD, whole(path), AT_SYMLINK_NOFOLLOW), "stat", path);
    return found();
  },
  statIfVisible(path) {
    return isThere(statAt(AT_FDCWD, whole(path), AT_SYMLINK_NOFOLLOW), "stat", path)
      ? found()
      : undefined;
  },
  readLink(path) {
    const size = checked(libc().readlink(whole(path), buffer, 4096), "readlink", path);
    return decoder.decode(buffer.subarray(0, size));
  },
  readLinkIfVisible(path) {
    const size = libc().readlink(whole(path), buffer, 4096);
    return isThere(size, "readlink", path) ? decoder.decode(buffer.subarray(0, size)) : undefined;
  },
  protect(path) {
    checked(coldLibc().chmod(whole(path), 0o700), "chmod", path);
  },
  open(path) {
    return openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  },
  statOpen(descriptor) {
    checked(statAt(descriptor, "", AT_EMPTY_PATH), "stat", `descriptor ${descriptor}`);
    return found();
  },
  close(descriptor) {
    libc().close(descriptor);
  },
};
