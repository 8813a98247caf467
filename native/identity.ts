import { unless } from "./errno.ts";
import { files } from "./files.ts";
import { hasLibc, coldLibc } from "./libc.ts";

const UNSEEN = ["ENOENT", "EACCES", "EPERM", "EINVAL"];

function line(path: string): string | null {
  return unless(UNSEEN, () => files().read(path, 256))?.trim() || null;
}

function sysctl(name: string): string | null {
  if (!hasLibc()) return null;
  const value = new Uint8Array(128);
  const size = BigUint64Array.of(BigInt(value.length));
  if (coldLibc().sysctlbyname(name, value, size, null, 0) !== 0) return null;
  return new TextDecoder().decode(value).split("\0")[0] || null;
}

/** This installation of the system, machine-id(5), not the host's name, which people change. */
export function readHost(): string | null {
  if (process.platform === "darwin") return sysctl("kern.uuid");
  return line("/etc/machine-id") ?? line("/var/lib/dbus/machine-id");
}

/** This boot: random(4) on Linux, the boot session on macOS. */
export function readBoot(): string | null {
  if (process.platform === "darwin") return sysctl("kern.bootsessionuuid");
  return line("/proc/sys/kernel/random/boot_id");
}

/** The namespace of a process, as the inode that namespaces(7) describes; `null` if unseen. */
export function readNamespace(kind: "pid" | "net", pid: number | "self"): string | null {
  if (process.platform === "darwin") return null;
  const link = unless([...UNSEEN, "ESRCH"], () => files().readLink(`/proc/${pid}/ns/${kind}`));
  // "pid:[4026531836]"
  return link?.slice(link.indexOf("[") + 1, -1) || null;
}

/** The inode of the first pid namespace: PROC_PID_INIT_INO in the kernel's proc_ns.h. */
export const INITIAL_PID_NAMESPACE = "4026531836";

/**
 * Whether a process that hides its namespace links lives in a pid namespace below ours: every
 * user may read `NSpid`, which lists one pid for each namespace, ours first. Doubt means yes.
 */
export function isNested(pid: number): boolean {
  const status = unless([...UNSEEN, "ESRCH"], () => files().read(`/proc/${pid}/status`, 4096));
  if (status === undefined) return false;
  const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1];
  return pids === undefined || pids.trim().includes("\t");
}
