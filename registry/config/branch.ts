import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";

const MAX_FILE = 4096;
/** Errors of reading a path that names no file, or none that this user may read. */
const NO_FILE = ["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "EISDIR", "ENAMETOOLONG", "EINVAL"];

/** The branch that is checked out in a directory with `.git`, or the start of a detached commit's hash. */
export function branchOf(machine: Machine, root: string): string | undefined {
  const read = (path: string) => unless(NO_FILE, () => machine.files.read(path, MAX_FILE))?.trim();
  const link = read(`${root}/.git`)?.match(/^gitdir: (.+)$/)?.[1];
  const directory =
    link === undefined ? `${root}/.git` : link.startsWith("/") ? link : `${root}/${link}`;
  const head = read(`${directory}/HEAD`);
  return head?.match(/^ref: refs\/heads\/(.+)$/)?.[1] ?? head?.match(/^[\da-f]{7}/)?.[0];
}
