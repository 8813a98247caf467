import { unless } from "../errno.ts";
import { files } from "../files.ts";

const hex = (number: string | undefined) => Number(number).toString(16).padStart(2, "0");

/** The pid that holds a lock, from /proc/locks; `undefined` if it isn't listed there. */
export function lockHolder(path: string): number | undefined {
  const id = unless(["ENOENT", "EACCES"], () => files().stat(path))?.id;
  const table = unless(["ENOENT", "EACCES"], () => files().read("/proc/locks", 65_536));
  const [major, minor, inode] = id?.split(":") ?? [];
  if (inode === undefined) return undefined;
  const locks = (table ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, kind]) => kind === "FLOCK");
  const file = `${hex(major)}:${hex(minor)}:${inode}`;
  // On btrfs and overlayfs, the device in /proc/locks differs from the one that stat(2) reports.
  const found =
    locks.find((one) => one[5] === file) ?? locks.find((one) => one[5]?.endsWith(`:${inode}`));
  return Number(found?.[4]) || undefined;
}
