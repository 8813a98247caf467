import { libc } from "../posix/libc.ts";
import type { Stat } from "../types.ts";
import { STATX_BASIC_STATS, SYS_STATX } from "./fcntl.ts";

/** The struct that the last call filled, in 32-bit words. Its layout is the same on every architecture. */
const statx = new Uint32Array(64);

function kindOf(mode: number): Stat["kind"] {
  if ((mode & 0o170000) === 0o100000) return "file";
  if ((mode & 0o170000) === 0o040000) return "directory";
  return (mode & 0o170000) === 0o120000 ? "symlink" : "other";
}

const wide = (at: number) => (statx[at] ?? 0) + (statx[at + 1] ?? 0) * 2 ** 32;

/** The inode number in decimal. Some file systems have numbers above 2^53. */
function inode(): string {
  const high = statx[9] ?? 0;
  return high < 2 ** 21 ? String(wide(8)) : String((BigInt(high) << 32n) + BigInt(statx[8] ?? 0));
}

/** Calls statx(2); returns what it returns. */
export const statAt = (directory: number, path: string, flags: number): number =>
  libc().syscall(SYS_STATX, directory, path, flags, STATX_BASIC_STATS, statx);

/** What the last statx(2) found. */
export function found(): Stat {
  const mode = (statx[7] ?? 0) & 0xffff;
  return {
    kind: kindOf(mode),
    mode: mode & 0o7777,
    uid: statx[5] ?? 0,
    gid: statx[6] ?? 0,
    size: wide(10),
    links: statx[4] ?? 0,
    mtime: wide(28) + (statx[30] ?? 0) / 1e9,
    id: `${statx[34]}:${statx[35]}:${inode()}`,
  };
}
