import { unless } from "../errno.ts";
import { files } from "../files.ts";

const UNSEEN = ["ENOENT", "EACCES", "EPERM", "EINVAL", "ESRCH"];

function line(path: string): string | null {
  return unless(UNSEEN, () => files().read(path, 256))?.trim() || null;
}

/** Identifies this installation by machine-id(5): people change host names. */
export function readHost(): string | null {
  return line("/etc/machine-id") ?? line("/var/lib/dbus/machine-id");
}

/** Identifies this boot: boot_id in random(4). */
export function readBoot(): string | null {
  return line("/proc/sys/kernel/random/boot_id");
}

/** The inode of a process's namespace, see namespaces(7); `null` if access is denied. */
export function readNamespace(kind: "pid" | "net", pid: number | "self"): string | null {
  const link = unless(UNSEEN, () => files().readLink(`/proc/${pid}/ns/${kind}`));
  // "pid:[4026531836]"
  return link?.slice(link.indexOf("[") + 1, -1) || null;
}

/** The inode of the initial pid namespace: PROC_PID_INIT_INO in the kernel's proc_ns.h. */
export const INITIAL_PID_NAMESPACE = "4026531836";

/**
 * Whether a process whose namespace links are unreadable is in a pid namespace below ours. Any user
 * can read `NSpid`, which lists one pid per namespace, ours first. Returns true if unsure.
 */
export function isNested(pid: number): boolean {
  const status = unless(UNSEEN, () => files().read(`/proc/${pid}/status`, 4096));
  if (status === undefined) return false;
  const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1];
  return pids === undefined || pids.trim().includes("\t");
}
