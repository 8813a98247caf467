import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { findInTable } from "./kernel-table.ts";

const hex = (number: string | undefined) => Number(number).toString(16).padStart(2, "0");

/** The pid that holds a file's lock, from /proc/locks; `undefined` if it isn't listed. */
export function lockHolder(path: string): number | undefined {
  const id = unless(["ENOENT", "EACCES"], () => files().stat(path))?.id;
  const [major, minor, inode] = id?.split(":") ?? [];
  if (inode === undefined) return undefined;
  return findInTable(() => holderOf(`${hex(major)}:${hex(minor)}`, inode));
}

function holderOf(device: string, inode: string): number | undefined {
  const table = unless(["ENOENT", "EACCES"], () => files().read("/proc/locks", Infinity));
  const locks = (table ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, kind]) => kind === "FLOCK");
  // On btrfs and overlayfs the device differs from stat(2)'s.
  const found =
    locks.find((one) => one[5] === `${device}:${inode}`) ??
    locks.find((one) => one[5]?.endsWith(`:${inode}`));
  return Number(found?.[4]) || undefined;
}
