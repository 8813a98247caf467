import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { coldLibc, libc } from "../posix/libc.ts";

const RLIMIT_NOFILE = 7;
const SYS_FCNTL = process.arch === "arm64" ? 25 : 72;
const F_SETFD = 2;

/** Shells: what they ignore themselves, the programs that they start ignore too. */
const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "mksh", "yash", "ash", "busybox"];

/**
 * Whether this process began with a signal ignored. Bun ignores SIGPIPE and SIGXFSZ and keeps no note
 * of what was before, so the parent must tell. Only a shell does: Node, Python and Rust programs ignore
 * SIGPIPE for themselves and start others without. After `trap "" PIPE; exec portclaim …` none can.
 */
export function wasIgnored(signal: number): boolean {
  const path = `/proc/${process.ppid}/status`;
  const status = unless(["ENOENT", "EACCES"], () => files().read(path, Infinity)) ?? "";
  const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? "";
  const mask = /^SigIgn:\s*(\w+)$/m.exec(status)?.[1] ?? "0";
  return SHELLS.includes(name) && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Restores what Bun changed in this process, for a program that takes its place. */
export function restoreProcess(): void {
  restoreFileLimit();
  restoreDescriptors();
}

/** The limits of a process's open files, as /proc shows them; Bun raises its own at start. */
export function parseFileLimit(limits: string): [soft: bigint, hard: bigint] | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  const number = (text: string) => (text === "unlimited" ? 2n ** 64n - 1n : BigInt(text));
  return soft && hard ? [number(soft), number(hard)] : undefined;
}

function fileLimitOf(pid: number): [soft: bigint, hard: bigint] | undefined {
  const limits = unless(["ENOENT", "EACCES"], () => files().read(`/proc/${pid}/limits`, 8192));
  return parseFileLimit(limits ?? "");
}

// `ulimit -n` sets both limits: where the hard one differs from the parent's, a shell that became
// portclaim has set its own.
function restoreFileLimit(): void {
  const own = fileLimitOf(process.pid);
  const parents = fileLimitOf(process.ppid);
  if (parents === undefined || own?.[1] !== parents[1]) return;
  coldLibc().prlimit(0, RLIMIT_NOFILE, BigUint64Array.from(parents), null);
}

/** Keeps what the caller had open: Bun marks every descriptor that it finds at its start as close-on-exec. */
function restoreDescriptors(): void {
  for (const name of files().list("/proc/self/fd")) {
    const link = unless(["ENOENT"], () => files().readLink(`/proc/self/fd/${name}`));
    // Those of Bun's event loop.
    if (link === undefined || link.startsWith("anon_inode:")) continue;
    if (Number(name) > 2) libc().syscall(SYS_FCNTL, Number(name), F_SETFD, 0, 0, null);
  }
}
