import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { coldLibc, libc } from "../posix/libc.ts";

const RLIMIT_NOFILE = 7;
const SYS_FCNTL = process.arch === "arm64" ? 25 : 72;
const F_SETFD = 2;

/** Shells: the programs that they start ignore the signals that they ignore themselves. */
const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "mksh", "yash", "ash", "busybox"];

/**
 * Whether this process was started with a signal ignored. Bun ignores SIGPIPE and SIGXFSZ without
 * saving what was set before, so this asks the parent, if that is a shell: Node, Python and Rust programs
 * ignore SIGPIPE themselves but not in their children. It can't know after `trap "" PIPE; exec portclaim`.
 */
export function wasIgnored(signal: number): boolean {
  const path = `/proc/${process.ppid}/status`;
  const status = unless(["ENOENT", "EACCES"], () => files().read(path, Infinity)) ?? "";
  const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? "";
  const mask = /^SigIgn:\s*(\w+)$/m.exec(status)?.[1] ?? "0";
  return SHELLS.includes(name) && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Restores what Bun changed in this process, for the program that replaces it. */
export function restoreProcess(): void {
  restoreFileLimit();
  restoreDescriptors();
}

/** The limits of open files in a table of proc_pid_limits(5). */
export function parseFileLimit(limits: string): [soft: bigint, hard: bigint] | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  const number = (text: string) => (text === "unlimited" ? 2n ** 64n - 1n : BigInt(text));
  return soft && hard ? [number(soft), number(hard)] : undefined;
}

function fileLimitOf(pid: number): [soft: bigint, hard: bigint] | undefined {
  const limits = unless(["ENOENT", "EACCES"], () => files().read(`/proc/${pid}/limits`, 8192));
  return parseFileLimit(limits ?? "");
}

// Bun raises the soft limit to the hard one without saving it, so this takes the parent's. A shell that
// became portclaim (exec) after `ulimit -n` has another hard limit; after `ulimit -Sn` no trace is left.
function restoreFileLimit(): void {
  const own = fileLimitOf(process.pid);
  const parents = fileLimitOf(process.ppid);
  if (parents === undefined || own?.[1] !== parents[1]) return;
  coldLibc().prlimit(0, RLIMIT_NOFILE, BigUint64Array.from(parents), null);
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
