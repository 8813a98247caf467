/** One process as the kernel shows it now. */
export interface Process {
  pid: number;
  parent: number;
  /** Process group. */
  group: number;
  /** When it started: clock ticks since boot on Linux, seconds since 1970 on macOS. */
  start: number;
  /** A zombie, or gone since: it runs no more. */
  ended: boolean;
  /** Forked, and not exec'd since: PF_FORKNOEXEC of proc_pid_stat(5); false where unknown. */
  forked: boolean;
  /** The name of its program, as the kernel has it. */
  name: string;
  /** Whether it has a controlling terminal. */
  hasTerminal: boolean;
  /** Stopped by a signal, as by Ctrl-Z. */
  suspended: boolean;
}

/** What a process was started with, as the bytes that it was given. */
export interface Words {
  arguments: Uint8Array[];
  /** Entries NAME=value. */
  environment: Uint8Array[];
}

/** A TCP socket that listens, in this network namespace. */
export interface Listener {
  port: number;
  /** The address it is bound to: "127.0.0.1", "::", … */
  address: string;
  /** The user who opened it. */
  uid: number;
  /** Its inode on Linux, where pids are found by {@link holders}; 0 where the pid is known. */
  inode: number;
  pid?: number;
}

/** What a bind said: `denied` is a privileged port, which tells nothing of who has it. */
export type Probe = "free" | "used" | "denied";

/** What a path or an open file is; `mtime` in seconds since 1970. Never follows a symlink. */
export interface Stat {
  kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits, 0o700 say. */
  mode: number;
  uid: number;
  size: number;
  links: number;
  mtime: number;
  /** Device and inode: equal for two paths only if they are the same file. */
  id: string;
}

/** The file operations of a registry. Each throws a SystemError whose `code` is errno's name. */
export interface Files {
  /** At most `limit` bytes of a file (Infinity: all of it), as text. Refuses a symlink (ELOOP) unless told to `follow` it. */
  read(path: string, limit: number, follow?: boolean): string;
  /** The same; `undefined` where there is no such file, for those that are often missing. */
  readIfThere(path: string, limit: number, follow?: boolean): string | undefined;
  list(directory: string): string[];
  /** Creates a file (0600) that must not exist yet, and writes all of it; `sync` adds fsync. */
  create(path: string, text: string, sync: boolean): void;
  /** Writes a file (0600) in place, created if missing: a crash may leave it half written. */
  overwrite(path: string, text: string): void;
  /** Adds a text to the end of a file (0600), created if missing. */
  append(path: string, text: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  makeDirectory(path: string): void;
  stat(path: string): Stat;
  readLink(path: string): string;
  /** Takes a folder's rights from everybody but its owner (0700). */
  protect(path: string): void;
  /** Opens a lock file (0600), created if missing; refuses a symlink (ELOOP). */
  open(path: string): number;
  statOpen(descriptor: number): Stat;
  close(descriptor: number): void;
}
