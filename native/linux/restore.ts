import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { coldLibc, libc } from "../posix/libc.ts";

const RLIMIT_NOFILE = 7;
const SYS_FCNTL = process.arch === "arm64" ? 25 : 72;
const F_SETFD = 2;

/** Shells: the programs that they start ignore the signals that they ignore themselves. */
const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "mksh", "yash", "ash", "busybox"];

/** Where the npm package's launcher, which was this process before Bun started, says what it found. */
export const LAUNCHED_VARIABLE = "PORTCLAIM_LAUNCHED";

/** The soft limit of open files and the mask of ignored signals, as the launcher found them. */
function atLaunch(): { soft: string; ignored: string } | undefined {
  const found = /^(\d+) (\d+|unlimited) ([\da-f]+)$/.exec(process.env[LAUNCHED_VARIABLE] ?? "");
  const [, pid, soft = "", ignored = ""] = found ?? [];
  // Another process may have inherited the variable.
  return Number(pid) === process.pid ? { soft, ignored } : undefined;
}

/**
 * Whether this process was started with a signal ignored. Bun ignores SIGPIPE and SIGXFSZ without
 * saving what was set before, so this asks the launcher, else the parent, if that is a shell: Node, Python
 * and Rust programs ignore SIGPIPE themselves but not in their children. Without the launcher, it can't
 * know after `trap "" PIPE; exec portclaim`.
 */
export function wasIgnored(signal: number): boolean {
  const mask = atLaunch()?.ignored ?? maskOfShell();
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function maskOfShell(): string {
  const path = `/proc/${process.ppid}/status`;
  const status = unless(["ENOENT", "EACCES"], () => files().read(path, Infinity)) ?? "";
  const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? "";
  const mask = /^SigIgn:\s*(\w+)$/m.exec(status)?.[1];
  return SHELLS.includes(name) && mask !== undefined ? mask : "0";
}

/** Restores what Bun changed in this process, for the program that replaces it. */
export function restoreProcess(): void {
  restoreFileLimit();
  restoreDescriptors();
}

/** The limits of open files in a table of proc_pid_limits(5). */
export function parseFileLimit(limits: string): [soft: bigint, hard: bigint] | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  return soft && hard ? [limitOf(soft), limitOf(hard)] : undefined;
}

const limitOf = (text: string) => (text === "unlimited" ? 2n ** 64n - 1n : BigInt(text));

function fileLimitOf(pid: number): [soft: bigint, hard: bigint] | undefined {
  const limits = unless(["ENOENT", "EACCES"], () => files().read(`/proc/${pid}/limits`, 8192));
  return parseFileLimit(limits ?? "");
}

// Bun raises the soft limit to the hard one without saving it, so this takes the launcher's, else the
// parent's. A shell that became portclaim (exec) after `ulimit -n` has another hard limit; after
// `ulimit -Sn` no trace is left.
function restoreFileLimit(): void {
  const own = fileLimitOf(process.pid);
  const launched = atLaunch();
  const before = launched && own ? [limitOf(launched.soft), own[1]] : fileLimitOf(process.ppid);
  if (before === undefined || own?.[1] !== before[1]) return;
  coldLibc().prlimit(0, RLIMIT_NOFILE, BigUint64Array.from(before as [bigint, bigint]), null);
}

/** Keeps the caller's descriptors open: at start, Bun marks all that it finds as close-on-exec. */
function restoreDescriptors(): void {
  for (const name of files().list("/proc/self/fd")) {
    const link = unless(["ENOENT"], () => files().readLink(`/proc/self/fd/${name}`));
    // Those belong to Bun's event loop.
    if (link === undefined || link.startsWith("anon_inode:")) continue;
    if (Number(name) > 2) libc().syscall(SYS_FCNTL, Number(name), F_SETFD, 0, 0, null);
  }
}
