import { unless } from "../errno.ts";
import { files } from "../files.ts";

const UNSEEN = ["ENOENT", "EACCES", "EPERM", "EINVAL", "ESRCH"];

function line(path: string): string | null {
  return unless(UNSEEN, () => files().read(path, 256))?.trim() || null;
}

/** This installation of the system: machine-id(5). Host names change too easily. */
export function readHost(): string | null {
  return line("/etc/machine-id") ?? line("/var/lib/dbus/machine-id");
}

/** This boot: boot_id of random(4). */
export function readBoot(): string | null {
  return line("/proc/sys/kernel/random/boot_id");
}

/** The inode of a process's namespace: namespaces(7). `null` where it may not be read. */
export function readNamespace(kind: "pid" | "net", pid: number | "self"): string | null {
  const link = unless(UNSEEN, () => files().readLink(`/proc/${pid}/ns/${kind}`));
  // "pid:[4026531836]"
  return link?.slice(link.indexOf("[") + 1, -1) || null;
}

/** The inode of the first pid namespace: PROC_PID_INIT_INO in the kernel's proc_ns.h. */
export const INITIAL_PID_NAMESPACE = "4026531836";

/**
 * Whether a process whose namespaces may not be read runs in a pid namespace below ours: every user may
 * read `NSpid`, which lists its pid in each namespace, ours first. If that is missing, assume so.
 */
export function isNested(pid: number): boolean {
  const status = unless(UNSEEN, () => files().read(`/proc/${pid}/status`, Infinity));
  if (status === undefined) return false;
  const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1];
  return pids === undefined || pids.trim().includes("\t");
}
